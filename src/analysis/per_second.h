// The last minute, a figure for each second.
#pragma once

#include <array>
#include <cstddef>

namespace timewait::analysis {

inline constexpr std::size_t kMinute = 60;

// [0] is the second that ends now, [59] the one that began a minute ago.
using PerSecond = std::array<double, kMinute>;

}  // namespace timewait::analysis
