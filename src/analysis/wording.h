// Figures as a person writes them, in English. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace timewait::analysis {

// "28,232".
std::string in_words(std::uint64_t count);

// A share of 0 to 1 as "3.4 %" or "3 %", and without tenths from 10 % on. Rounded down, but it
// never says 0 % of a share that is not.
std::string percent(double share);

// A rate a second: "0.4", "12.5", "12", "470".
std::string rate_in_words(double per_second);

// "less than 1 s", "40 s", "12 min", "3 h"; two minutes and more are not told by the second, nor
// two hours by the minute. Rounded down.
std::string duration_in_words(double seconds);

// A name for the middle of a sentence: one that may be written from right to left does not turn the
// words around it (Unicode's isolates, which take no room on a terminal). A name in ASCII is as it
// was.
std::string isolated(const std::string& name);

}  // namespace timewait::analysis
