// Figures as a person writes them, in English. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace timewait::analysis {

// "28,232".
std::string in_words(std::uint64_t count);

// A share of 0 to 1 as "3.4 %", or "34 %" from 10 % on. It never says 0 % or 100 % of a share that
// is neither.
std::string percent(double share);

// A rate a second: "0.4", "12.5", "470".
std::string rate_in_words(double per_second);

// "40 s", "12 min", "3 h"; two minutes and more are not told by the second, nor two hours by the
// minute. Rounded down.
std::string duration_in_words(double seconds);

}  // namespace timewait::analysis
