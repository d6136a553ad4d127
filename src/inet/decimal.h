// Numbers as people write them in addresses and ports.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace timewait::inet {

// Digits only, without a sign or a leading zero ("080" is decimal to some readers and octal to
// others), and within the range of Number.
template <typename Number>
std::optional<Number> parse_decimal(std::string_view text) {
  if (text.empty() || text[0] == '-' || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [parsed_to, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || parsed_to != end) return std::nullopt;
  return number;
}

}  // namespace timewait::inet
