#include "config/syntax_problem.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "config/utf8.h"

namespace timewait::config {
namespace {

constexpr char kKey[] = "syntax";

struct Explanation {
  std::string_view yaml_cpp;  // how its message begins
  std::string_view message;
};

constexpr std::array<Explanation, 7> kExplanations = {{
    {"illegal map value",
     "a ':' cannot stand here (check the indentation; quote text that holds a ':')"},
    {"end of map not found",
     "this does not belong to the map around it (check the indentation and the quotes)"},
    {"end of sequence not found",
     "this does not belong to the list around it (check the indentation and the quotes)"},
    {"illegal flow end", "a closing bracket without its opening one"},
    {"the referenced anchor is not defined",
     "an alias without its anchor (quote a value that begins with '*')"},
    {"alias not found", "an alias without a name (quote a value that begins with '*')"},
    {"unknown token", "a value cannot begin with this character (quote the value)"},
}};

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Where a tab stands in the indentation of `line`.
std::optional<std::size_t> find_indenting_tab(std::string_view line) {
  const std::size_t tab = line.find_first_not_of(' ');
  if (tab == std::string_view::npos || line[tab] != '\t') return std::nullopt;
  return tab;
}

Position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          1 + static_cast<int>(offset - line_begin)};
}

Problem at_offset(std::string_view text, std::size_t offset, std::string message) {
  return {position_of(text, offset), kKey, std::move(message)};
}

// Behind the last character that is not white space.
Position end_of(std::string_view text) {
  return position_of(text, text.find_last_not_of(" \t\r\n") + 1);
}

std::string in_words(Position position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

}  // namespace

std::optional<Problem> find_bad_character(std::string_view text) {
  constexpr std::string_view kAllowed = "\t\n\r";
  for (std::size_t offset = 0; offset < text.size();) {
    const std::string_view rest = text.substr(offset);
    const std::optional<Utf8Char> next = decode_utf8(rest);
    if (!next) return at_offset(text, offset, "not UTF-8 (save the file as UTF-8)");
    const bool allowed_byte = next->size == 1 && kAllowed.find(rest[0]) != std::string_view::npos;
    if (is_control(next->code_point) && !allowed_byte) {
      return at_offset(text, offset,
                       "control character " + printable(rest.substr(0, next->size)) +
                           " (plain text is allowed)");
    }
    offset += next->size;
  }
  return std::nullopt;
}

Problem explain_syntax_error(Position noticed, const std::string& message, std::string_view text,
                             const SyntaxContext& context) {
  if (const auto tab = find_indenting_tab(line_of(text, noticed.line))) {
    return {{noticed.line, static_cast<int>(*tab) + 1},
            kKey,
            "a tab in the indentation (indent with spaces)"};
  }
  if (message.starts_with("illegal document indicator in scalar")) {
    return {context.last_value, kKey, "a quote that is opened after this is never closed"};
  }
  const Position where = std::min(noticed, end_of(text));
  const std::string opened =
      " is missing before this; the bracket opens on " + in_words(context.open_bracket);
  if (message.starts_with("end of map flow not found"))
    return {where, kKey, "a ',' or '}'" + opened};
  if (message.starts_with("end of sequence flow not found")) {
    return {where, kKey, "a ',' or ']'" + opened};
  }
  for (const Explanation& known : kExplanations) {
    if (message.starts_with(known.yaml_cpp)) return {where, kKey, std::string(known.message)};
  }
  return {where, kKey, printable(message)};
}

}  // namespace timewait::config
