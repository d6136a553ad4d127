// The cases of tests/e2e/bad_config/cases.txt, without the daemon around the loader.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bad_cases.h"
#include "config/load.h"

namespace timewait::config {
namespace {

std::vector<BadCase> read_cases() { return read_bad_cases(TIMEWAIT_BAD_CONFIG_CASES); }

TEST(BadConfig, IsRefusedWithEveryProblem) {
  const std::vector<BadCase> cases = read_cases();
  ASSERT_GE(cases.size(), 110u);
  for (const BadCase& one : cases) {
    SCOPED_TRACE(one.title);
    const base::Result<Config, LoadFailure> config = parse(one.yaml, "bad.yml");
    if (config) {
      ADD_FAILURE() << "was accepted";
      continue;
    }
    EXPECT_FALSE(config.error().unreadable);
    std::vector<testing::Matcher<std::string>> beginnings;
    for (const std::string& expected : one.expected) {
      beginnings.push_back(testing::StartsWith("bad.yml:" + expected));
    }
    EXPECT_THAT(config.error().problems, testing::ElementsAreArray(beginnings));
  }
}

TEST(BadConfig, NeverSaysSomethingThatATerminalWouldInterpret) {
  for (const BadCase& one : read_cases()) {
    SCOPED_TRACE(one.title);
    const base::Result<Config, LoadFailure> config = parse(one.yaml, "bad.yml");
    ASSERT_FALSE(config);
    for (const std::string& problem : config.error().problems) {
      EXPECT_EQ(problem.find_first_of(std::string("\0\n\r\x1b\x7f", 5)), std::string::npos);
      EXPECT_LT(problem.size(), 400u);
    }
  }
}

}  // namespace
}  // namespace timewait::config
