// Whole expositions, kept beside this test. To take over a wanted change:
//   UPDATE_GOLDEN=1 exposition_test --gtest_filter='*Golden*'
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "exposition/render.h"
#include "sample_input.h"

namespace timewait::exposition {
namespace {

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void expect_golden(const Input& input, Format format, const std::string& name) {
  const std::string path = std::string(TIMEWAIT_GOLDEN_DIR) + "/" + name;
  const std::string text = render(input, format);
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, read_file(path)) << "if the change is wanted, run again with UPDATE_GOLDEN=1";
}

TEST(Golden, FullSnapshotAsText) { expect_golden(input_with_all(), Format::kText, "full.txt"); }

TEST(Golden, FullSnapshotAsOpenMetrics) {
  expect_golden(input_with_all(), Format::kOpenMetrics, "full.openmetrics.txt");
}

TEST(Golden, BeforeFirstPollAsText) {
  expect_golden(input_before_first_poll(), Format::kText, "before_first_poll.txt");
}

TEST(Golden, BeforeFirstPollAsOpenMetrics) {
  expect_golden(input_before_first_poll(), Format::kOpenMetrics,
                "before_first_poll.openmetrics.txt");
}

}  // namespace
}  // namespace timewait::exposition
