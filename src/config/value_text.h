// What the readers of single values have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace timewait::config {

inline constexpr std::size_t kMaxPathBytes = 4095;  // PATH_MAX without its NUL

// "TEXT" WHY.
base::Error wrong(std::string_view text, std::string_view why);

// How many digits `text` begins with.
std::size_t count_digits(std::string_view text);

bool is_integer(std::string_view text);

// 080 is octal to some and decimal to others.
bool has_leading_zero(std::string_view text);

// `digits` holds nothing but digits; a number that is too large for the type becomes the largest.
std::uint32_t to_number(std::string_view digits);

base::Result<std::uint32_t> parse_integer_within(std::string_view text, std::uint32_t smallest,
                                                 std::uint32_t largest);

// Digits, and a point with more of them behind it if need be: no sign, no exponent.
std::optional<double> parse_decimal(std::string_view text);

// The text if it is not empty, of bounded length, and fit for a log line; or why not.
base::Result<std::string> parse_text(std::string_view text, std::size_t max_bytes);

}  // namespace timewait::config
