#include "analysis/wording.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace timewait::analysis {
namespace {

// "12.5", and "12" rather than "12.0".
std::string in_tenths(double value) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, 1);
  std::string text(buffer.data(), end.ptr);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// 0.29 * 100 is a little less than 29. Of at most 65,536 ports no share is as near to a tenth of a
// percent as this and yet below it.
double rounded_down(double value) { return std::floor(value + 1e-9); }

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

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  return in_words(count) + " " + std::string(count == 1 ? one : many);
}

std::string percent(double share) {
  const double percents = share * 100;
  if (percents <= 0) return "0 %";
  const double tenths = rounded_down(percents * 10);
  if (tenths < 1) return "less than 0.1 %";
  return in_tenths(tenths < 100 ? tenths / 10 : rounded_down(percents)) + " %";
}

std::string rate_in_words(double per_second) {
  if (per_second >= 100) return in_words(whole(std::round(per_second)));
  return in_tenths(per_second);
}

std::string duration_in_words(double seconds) {
  constexpr double kMinuteSeconds = 60;
  constexpr double kHourSeconds = 3600;
  if (seconds < 1) return "less than 1 s";
  if (seconds < 2 * kMinuteSeconds) return std::to_string(whole(seconds)) + " s";
  if (seconds < 2 * kHourSeconds) return std::to_string(whole(seconds / kMinuteSeconds)) + " min";
  return in_words(whole(seconds / kHourSeconds)) + " h";
}

std::string isolated(const std::string& name) {
  const auto is_ascii = [](unsigned char byte) { return byte < 0x80; };
  if (std::all_of(name.begin(), name.end(), is_ascii)) return name;
  std::string isolated = "\u2068\u2069";  // FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE
  isolated.insert(isolated.size() / 2, name);
  return isolated;
}

std::string left_out_in_words(std::uint64_t namespaces) {
  return plural(namespaces, "network namespace was", "network namespaces were") +
         " found and not looked at, because there are more than may be watched "
         "(network_namespaces: max).";
}

std::string in_namespace(const std::string& netns) {
  return netns.empty() ? "" : " in network namespace " + isolated(netns);
}

}  // namespace timewait::analysis
