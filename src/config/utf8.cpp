#include "config/utf8.h"

#include <array>

namespace timewait::config {
namespace {

// What the first byte says about a sequence of two bytes or more.
struct LeadByte {
  unsigned mask;
  unsigned pattern;
  std::size_t size;
  char32_t smallest;  // a smaller code point has a shorter form
};

constexpr std::array<LeadByte, 3> kLeadBytes = {{
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
}};

constexpr char32_t kLargest = 0x10ffff;

bool is_surrogate(char32_t code_point) { return code_point >= 0xd800 && code_point <= 0xdfff; }

}  // namespace

std::optional<Utf8Char> decode_utf8(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return Utf8Char{first, 1};
  for (const LeadByte& lead : kLeadBytes) {
    if ((first & lead.mask) != lead.pattern) continue;
    if (text.size() < lead.size) return std::nullopt;
    char32_t code_point = first & ~lead.mask;
    for (const char byte : text.substr(1, lead.size - 1)) {
      const auto bits = static_cast<unsigned char>(byte);
      if ((bits & 0xc0) != 0x80) return std::nullopt;
      code_point = code_point << 6 | (bits & 0x3fu);
    }
    if (code_point < lead.smallest || code_point > kLargest || is_surrogate(code_point)) {
      return std::nullopt;
    }
    return Utf8Char{code_point, lead.size};
  }
  return std::nullopt;
}

bool is_control(char32_t code_point) {
  const auto is_within = [=](char32_t first, char32_t last) {
    return code_point >= first && code_point <= last;
  };
  return code_point < 0x20 || is_within(0x7f, 0x9f) || is_within(0x2028, 0x202e) ||
         is_within(0x2066, 0x2069);
}

}  // namespace timewait::config
