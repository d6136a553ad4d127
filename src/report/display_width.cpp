#include "report/display_width.h"

#include <algorithm>
#include <cstdint>

#include <unistr.h>
#include <uniwidth.h>

namespace timewait::report {
namespace {

constexpr char kEncoding[] = "UTF-8";  // or some symbols would count as wide as Chinese ones
constexpr ucs4_t kReplacement = 0xfffd;
constexpr ucs4_t kAsciiEnd = 0x80;

struct Character {
  std::string_view bytes;
  ucs4_t code_point;
  bool is_control;
  std::size_t width;
};

// `text` is not empty. Bytes that are no UTF-8 come as U+FFFD.
Character first_of(std::string_view text) {
  ucs4_t code_point = 0;
  const int size =
      u8_mbtouc(&code_point, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const int width = uc_width(code_point, kEncoding);
  return {text.substr(0, static_cast<std::size_t>(size)), code_point, width < 0 || code_point == 0,
          static_cast<std::size_t>(std::max(width, 0))};
}

// Calls `use` with each character.
template <typename Use>
void for_each_character(std::string_view text, Use&& use) {
  while (!text.empty()) {
    const Character character = first_of(text);
    use(character);
    text.remove_prefix(character.bytes.size());
  }
}

// The characters at the end that fit; never a mark without what it combines with.
std::string_view ending(std::string_view text, std::size_t columns) {
  std::size_t width = display_width(text);
  while (width > columns || (!text.empty() && first_of(text).width == 0)) {
    const Character character = first_of(text);
    width -= character.width;
    text.remove_prefix(character.bytes.size());
  }
  return text;
}

}  // namespace

std::string printable(std::string_view text, bool utf8) {
  std::string printable;
  for_each_character(text, [&](const Character& character) {
    const bool is_kept = !character.is_control && character.code_point != kReplacement &&
                         (utf8 || character.code_point < kAsciiEnd);
    if (is_kept) {
      printable += character.bytes;
    } else if (character.is_control || character.width > 0) {
      printable += '?';
    }
  });
  return printable;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_character(text, [&](const Character& character) { width += character.width; });
  return width;
}

std::string_view beginning(std::string_view text, std::size_t columns) {
  std::size_t size = 0;
  while (size < text.size()) {
    const Character character = first_of(text.substr(size));
    if (character.width > columns) break;
    columns -= character.width;
    size += character.bytes.size();
  }
  return text.substr(0, size);
}

std::string shortened(const std::string& text, std::size_t columns, bool utf8) {
  if (display_width(text) <= columns) return text;
  const std::string_view mark = utf8 ? "…" : "..";
  const std::size_t mark_width = display_width(mark);
  if (columns <= mark_width) return std::string(beginning(text, columns));
  const std::size_t kept = columns - mark_width;
  std::string shortened(beginning(text, kept - kept / 2));
  shortened += mark;
  return shortened += ending(text, kept / 2);
}

}  // namespace timewait::report
