#include "analysis/wording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace timewait::analysis {
namespace {

std::string with_decimals(double value, int decimals) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, decimals);
  return {buffer.data(), end.ptr};
}

std::uint64_t whole(double value) { return static_cast<std::uint64_t>(std::max(0.0, value)); }

}  // namespace

std::string in_words(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t left = digits.size(); left > 3;) {
    left -= 3;
    digits.insert(left, 1, ',');
  }
  return digits;
}

std::string percent(double share) {
  const double percents = share * 100;
  if (percents <= 0) return "0 %";
  if (percents < 0.1) return "less than 0.1 %";
  if (percents >= 10) return std::to_string(whole(percents)) + " %";
  return with_decimals(std::floor(percents * 10) / 10, 1) + " %";
}

std::string rate_in_words(double per_second) {
  if (per_second >= 100) return in_words(whole(std::round(per_second)));
  return with_decimals(per_second, 1);
}

std::string duration_in_words(double seconds) {
  constexpr double kMinuteSeconds = 60;
  constexpr double kHourSeconds = 3600;
  if (seconds < 2 * kMinuteSeconds) return std::to_string(whole(seconds)) + " s";
  if (seconds < 2 * kHourSeconds) return std::to_string(whole(seconds / kMinuteSeconds)) + " min";
  return in_words(whole(seconds / kHourSeconds)) + " h";
}

}  // namespace timewait::analysis
