// UTF-8 (RFC 3629) as far as a configuration file needs it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace timewait::config {

struct Utf8Char {
  char32_t code_point = 0;
  std::size_t size = 0;  // in bytes
};

// The first character of `text`. Nothing if `text` is empty or does not begin with a well-formed
// one: overlong forms, surrogates and what is above U+10FFFF are not.
std::optional<Utf8Char> decode_utf8(std::string_view text);

// C0, DEL, C1, the two separators that end a line, and what turns the text around it from right to
// left (embeddings, overrides and isolates): what must not reach a log line or a terminal.
bool is_control(char32_t code_point);

}  // namespace timewait::config
