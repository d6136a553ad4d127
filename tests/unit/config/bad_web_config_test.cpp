// The cases of tests/e2e/bad_web_config/cases.txt, without the daemon and the file system.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bad_cases.h"
#include "config/web_config.h"
#include "web_files.h"

namespace timewait::config {
namespace {

std::vector<BadCase> read_cases() { return read_bad_cases(TIMEWAIT_BAD_WEB_CONFIG_CASES); }

WebConfigLoad load(const BadCase& one) {
  return parse_web_config(one.yaml, "bad.yml", web_file_reader());
}

// DIR is the folder of the configuration: here, the working directory.
std::string in_place(std::string expected) {
  if (const std::size_t at = expected.find("DIR/"); at != std::string::npos) expected.erase(at, 4);
  return "bad.yml:" + expected;
}

TEST(BadWebConfig, IsRefusedWithEveryProblem) {
  const std::vector<BadCase> cases = read_cases();
  ASSERT_GE(cases.size(), 90u);
  for (const BadCase& one : cases) {
    SCOPED_TRACE(one.title);
    const WebConfigLoad loaded = load(one);
    if (loaded.config) {
      ADD_FAILURE() << "was accepted";
      continue;
    }
    EXPECT_FALSE(loaded.config.error().unreadable);
    std::vector<testing::Matcher<std::string>> beginnings;
    for (const std::string& expected : one.expected) {
      beginnings.push_back(testing::StartsWith(in_place(expected)));
    }
    EXPECT_THAT(loaded.config.error().problems, testing::ElementsAreArray(beginnings));
  }
}

TEST(BadWebConfig, NeverSaysSomethingThatATerminalWouldInterpret) {
  for (const BadCase& one : read_cases()) {
    SCOPED_TRACE(one.title);
    const WebConfigLoad loaded = load(one);
    ASSERT_FALSE(loaded.config);
    for (const std::string& problem : loaded.config.error().problems) {
      EXPECT_EQ(problem.find_first_of(std::string("\0\n\r\x1b\x7f", 5)), std::string::npos);
      EXPECT_LT(problem.size(), 400u);
    }
  }
}

// Whatever stands where a hash or a key belongs.
TEST(BadWebConfig, NeverTellsASecret) {
  for (const BadCase& one : read_cases()) {
    SCOPED_TRACE(one.title);
    const WebConfigLoad loaded = load(one);
    ASSERT_FALSE(loaded.config);
    for (const std::string& problem : loaded.config.error().problems) {
      for (const char* const secret : {"hunter2", "opensesame", "X0h1gDsPsz", "saltsalt"}) {
        EXPECT_EQ(problem.find(secret), std::string::npos) << problem;
      }
    }
  }
}

}  // namespace
}  // namespace timewait::config
