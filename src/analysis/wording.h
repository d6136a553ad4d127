// Figures as a person writes them, in English. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace timewait::analysis {

// "28,232".
std::string in_words(std::uint64_t count);

// "1 port", "28,232 ports".
std::string plural(std::uint64_t count, std::string_view one, std::string_view many);

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

// Of network namespaces that were found, beyond as many as may be polled; one at least.
std::string left_out_in_words(std::uint64_t namespaces);

// " in network namespace app"; nothing for the exporter's own, which has no name.
std::string in_namespace(const std::string& netns);

}  // namespace timewait::analysis
