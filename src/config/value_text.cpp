#include "config/value_text.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "config/problem.h"
#include "config/utf8.h"

namespace timewait::config {
namespace {

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const std::optional<Utf8Char> next = decode_utf8(text);
    if (!next || is_control(next->code_point)) return false;
    text.remove_prefix(next->size);
  }
  return true;
}

}  // namespace

base::Error wrong(std::string_view text, std::string_view why) {
  return {quoted(text) + " " + std::string(why)};
}

std::size_t count_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) -
                                  text.begin());
}

bool is_integer(std::string_view text) {
  return !text.empty() && count_digits(text) == text.size();
}

bool has_leading_zero(std::string_view text) { return text.size() > 1 && text[0] == '0'; }

std::uint32_t to_number(std::string_view digits) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() ? number : std::numeric_limits<std::uint32_t>::max();
}

base::Result<std::uint32_t> parse_integer_within(std::string_view text, std::uint32_t smallest,
                                                 std::uint32_t largest) {
  if (!is_integer(text)) return wrong(text, "is not a whole number");
  if (has_leading_zero(text)) return wrong(text, "has a leading zero");
  const std::uint32_t number = to_number(text);
  if (number < smallest) return wrong(text, "is too small");
  if (number > largest) return wrong(text, "is too large");
  return number;
}

std::optional<double> parse_decimal(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  if (!is_integer(whole) || has_leading_zero(whole)) return std::nullopt;
  if (point < text.size() && !is_integer(text.substr(point + 1))) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

base::Result<std::string> parse_text(std::string_view text, std::size_t max_bytes) {
  if (text.empty()) return wrong(text, "is empty");
  if (text.size() > max_bytes) return wrong(text, "is too long");
  if (!is_plain_text(text)) return wrong(text, "holds a control character");
  return std::string(text);
}

}  // namespace timewait::config
