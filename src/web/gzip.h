// The gzip content coding (RFC 1952). Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace timewait::web {

// Fails when memory is short or `data` is 4 GiB or longer.
base::Result<std::string> gzip(std::string_view data);

}  // namespace timewait::web
