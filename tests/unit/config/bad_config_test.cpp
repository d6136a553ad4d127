// The cases of tests/e2e/bad_config/cases.txt, without the daemon around the loader.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace timewait::config {
namespace {

struct Case {
  std::string title;
  std::vector<std::string> expected;  // how each problem begins, behind "FILE:"
  std::string yaml;
};

// @{HEX} and @{HEX*N} as the bytes they stand for.
std::string expand(const std::string& text) {
  std::string expanded;
  std::size_t done = 0;
  for (std::size_t at; (at = text.find("@{", done)) != std::string::npos;) {
    expanded += text.substr(done, at - done);
    done = text.find('}', at) + 1;
    const std::string escape = text.substr(at + 2, done - at - 3);
    const std::size_t star = escape.find('*');
    const std::string hex = escape.substr(0, star);
    const int times = star == std::string::npos ? 1 : std::stoi(escape.substr(star + 1));
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    for (int i = 0; i < times; ++i) expanded += bytes;
  }
  return expanded + text.substr(done);
}

void finish(Case& one) {
  one.yaml = expand(one.yaml.substr(0, one.yaml.find_last_not_of('\n') + 1) + "\n");
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream file(TIMEWAIT_BAD_CONFIG_CASES);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("### ")) {
      cases.push_back({line.substr(4), {}, ""});
    } else if (cases.empty()) {
      continue;
    } else if (line.starts_with("> ") && cases.back().yaml.empty()) {
      cases.back().expected.push_back(line.substr(2));
    } else {
      cases.back().yaml += line + "\n";
    }
  }
  for (Case& one : cases) finish(one);
  return cases;
}

TEST(BadConfig, IsRefusedWithEveryProblem) {
  const std::vector<Case> cases = read_cases();
  ASSERT_GE(cases.size(), 110u);
  for (const Case& one : cases) {
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
  for (const Case& one : read_cases()) {
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
