// Reads a whole file of the configuration.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace timewait::config {

inline constexpr std::size_t kMaxFileBytes = 1 << 20;

// A regular file, or a link to one, of at most kMaxFileBytes. Never blocks on anything else. The
// error begins with the path.
base::Result<std::string> read_file(const std::string& path);

}  // namespace timewait::config
