// The lists of bad configurations in tests/e2e, which say what is to be said about each.
#pragma once

#include <string>
#include <vector>

namespace timewait::config {

struct BadCase {
  std::string title;
  std::vector<std::string> expected;  // how each problem begins, behind "FILE:"
  std::string yaml;
};

std::vector<BadCase> read_bad_cases(const char* path);

}  // namespace timewait::config
