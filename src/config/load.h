// Reads the configuration file. Thread-safe: no state outside the arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "config/problem.h"

namespace timewait::config {

struct LoadFailure {
  bool unreadable = false;  // the file could not be read: one sentence says why
  // Otherwise every problem in the file, in file order: "FILE:LINE:COL: KEY.PATH: what is wrong
  // (what is allowed)". Lines and columns are 1-based, list positions in a key path 0-based.
  std::vector<std::string> problems;
};

LoadFailure failure_of(const std::vector<Problem>& problems, const std::string& file_name);

// The file as it is now: a regular file of at most 1 MiB.
base::Result<Config, LoadFailure> load_file(const std::string& path);

// Without a path: the defaults.
base::Result<Config, LoadFailure> load_file_or_defaults(const std::optional<std::string>& path);

// `file_name` only appears in the problems. A text without content yields the defaults.
base::Result<Config, LoadFailure> parse(std::string_view yaml, const std::string& file_name);

}  // namespace timewait::config
