// Whole expositions, kept beside this test. To take over a wanted change:
//   UPDATE_GOLDEN=1 exposition_test --gtest_filter='*Golden*'
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "exposition/render.h"
#include "exposition/snapshot_json.h"
#include "sample_input.h"

namespace timewait::exposition {
namespace {

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void expect_golden(const std::string& text, const std::string& name) {
  const std::string path = std::string(TIMEWAIT_GOLDEN_DIR) + "/" + name;
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, read_file(path)) << "if the change is wanted, run again with UPDATE_GOLDEN=1";
}

// For a diff to be readable.
std::string laid_out(const std::string& json) {
  return nlohmann::ordered_json::parse(json).dump(1) + "\n";
}

TEST(Golden, FullSnapshotAsText) {
  expect_golden(render(input_with_all(), Format::kText), "full.txt");
}

TEST(Golden, FullSnapshotAsOpenMetrics) {
  expect_golden(render(input_with_all(), Format::kOpenMetrics), "full.openmetrics.txt");
}

TEST(Golden, BeforeFirstPollAsText) {
  expect_golden(render(input_before_first_poll(), Format::kText), "before_first_poll.txt");
}

TEST(Golden, BeforeFirstPollAsOpenMetrics) {
  expect_golden(render(input_before_first_poll(), Format::kOpenMetrics),
                "before_first_poll.openmetrics.txt");
}

TEST(Golden, FullSnapshotAsJson) {
  expect_golden(laid_out(render_json(input_with_all())), "full.json");
}

TEST(Golden, BeforeFirstPollAsJson) {
  expect_golden(laid_out(render_json(input_before_first_poll())), "before_first_poll.json");
}

}  // namespace
}  // namespace timewait::exposition
