#include "terminal/top/sections.h"

#include <algorithm>

#include "report/line.h"

namespace timewait::terminal::top {
namespace {

using report::Line;
using report::Text;

// One below the other.
Text stacked(const std::vector<Section>& sections) {
  Text lines;
  for (const Section& section : sections) {
    if (!lines.empty()) lines.emplace_back();
    report::append(lines, section);
  }
  return lines;
}

// Of the section that the line belongs to, which is not the line between two.
const Line& heading_above(const std::vector<Section>& sections, std::size_t line) {
  auto section = sections.begin();
  while (line > section->size()) {
    line -= section->size() + 1;
    ++section;
  }
  return section->front();
}

}  // namespace

std::size_t height_of(const std::vector<Section>& sections) { return stacked(sections).size(); }

Text scrolled(const std::vector<Section>& sections, std::size_t scroll, std::size_t rows) {
  const Text all = stacked(sections);
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(scroll);
  Text lines(first, first + static_cast<std::ptrdiff_t>(std::min(rows, all.size() - scroll)));
  if (!lines.empty() && !lines.front().empty()) lines.front() = heading_above(sections, scroll);
  return lines;
}

}  // namespace timewait::terminal::top
