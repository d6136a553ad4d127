// Which kernel runs, for the few features that cannot be asked for.
#pragma once

#include <string>
#include <string_view>

namespace timewait::kernel {

// As uname(2) has it: "6.1.0-50-amd64". Thread-safe.
std::string running_release();

// Whether a release is `major`.`minor` or later. A text that is no release is earlier than all.
bool is_at_least(std::string_view release, int major, int minor);

}  // namespace timewait::kernel
