#include "report/line.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "report/display_width.h"

namespace timewait::report {
namespace {

constexpr std::size_t kLongestUnit = 3;  // "min"

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

// The next piece that is not to be broken: a word, or a figure with its unit ("12 min").
std::string_view next_piece(std::string_view text) {
  const std::size_t end = text.find(' ');
  if (end == std::string_view::npos || end == 0 || !is_digit(text[end - 1])) {
    return text.substr(0, end);
  }
  const std::size_t next = end + 1;
  const std::size_t unit_end = std::min(text.find_first_of(" ,.;:)", next), text.size());
  if (unit_end - next > kLongestUnit) return text.substr(0, end);
  return text.substr(0, text.find(' ', next));
}

// Takes from `text` what goes into one line; something, if there are columns at all.
std::string take_line(std::string_view& text, std::size_t columns) {
  if (columns == 0) return {};
  std::string line;
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view piece = next_piece(text);
    const std::size_t piece_width = display_width(piece) + (line.empty() ? 0 : 1);
    if (width + piece_width > columns) break;
    if (!line.empty()) line += ' ';
    line += piece;
    width += piece_width;
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
  }
  if (!line.empty() || text.empty()) return line;
  std::string_view cut = beginning(text, columns);
  if (cut.empty()) cut = beginning(text, 2);  // no character is wider
  text.remove_prefix(cut.size());
  return std::string(cut);
}

}  // namespace

std::size_t width_of(const Line& line) {
  std::size_t width = 0;
  for (const Span& span : line) width += display_width(span.text);
  return width;
}

Line clipped(const Line& line, std::size_t columns) {
  Line clipped;
  for (const Span& span : line) {
    const std::string_view kept = beginning(span.text, columns);
    columns -= display_width(kept);
    if (!kept.empty()) clipped.push_back({std::string(kept), span.style});
    if (kept.size() < span.text.size()) break;
  }
  while (!clipped.empty()) {
    std::string& last = clipped.back().text;
    last.resize(last.find_last_not_of(' ') + 1);
    if (!last.empty()) break;
    clipped.pop_back();
  }
  return clipped;
}

Text paragraph(const Line& lead, const Span& words, const Layout& layout) {
  // Where the lead would leave nothing, the other lines are indented less.
  const std::size_t lead_width = width_of(lead);
  const std::size_t indent = std::min(lead_width, layout.columns / 2);
  const std::string text = printable(words.text, layout.utf8);
  std::string_view left = text;
  Text paragraph;
  Line line = lead;
  std::size_t room = layout.columns - std::min(lead_width, layout.columns);
  do {
    line.push_back({take_line(left, room), words.style});
    paragraph.push_back(clipped(line, layout.columns));
    line = {{std::string(indent, ' ')}};
    room = layout.columns - indent;
  } while (!left.empty());
  return paragraph;
}

void append(Text& text, const Text& more) { text.insert(text.end(), more.begin(), more.end()); }

void add_section(Text& text, const Text& section) {
  if (!text.empty() && !section.empty()) text.push_back({});
  append(text, section);
}

}  // namespace timewait::report
