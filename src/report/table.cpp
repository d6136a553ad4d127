#include "report/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "analysis/wording.h"
#include "report/display_width.h"
#include "report/line.h"

namespace timewait::report {
namespace {

constexpr std::size_t kGap = 2;  // columns of space between two columns of the table

// How short names may be cut: to make room for the essential columns, and for others.
constexpr std::size_t kShortest = 8;
constexpr std::size_t kLegible = 18;  // "10.123.45.67:5432"; all that matters fits into 80 columns

struct Placed {
  std::size_t number;  // of the column
  std::size_t width;
  bool may_shrink;
};

std::size_t natural_width(const Column& column, const std::vector<Row>& rows, std::size_t number) {
  std::size_t width = display_width(column.heading);
  for (const Row& row : rows) width = std::max(width, display_width(row[number].text));
  return width;
}

// If names are cut to `shortest`.
std::size_t least_width(const std::vector<Placed>& columns, std::size_t shortest) {
  std::size_t width = columns.empty() ? 0 : kGap * (columns.size() - 1);
  for (const Placed& column : columns) {
    width += column.may_shrink ? std::min(column.width, shortest) : column.width;
  }
  return width;
}

// The columns that fit, by rank.
std::vector<Placed> fitting(const std::vector<Column>& columns, const std::vector<Row>& rows,
                            std::size_t room) {
  std::vector<std::size_t> by_rank(columns.size());
  std::iota(by_rank.begin(), by_rank.end(), std::size_t{0});
  std::stable_sort(by_rank.begin(), by_rank.end(),
                   [&](std::size_t a, std::size_t b) { return columns[a].rank < columns[b].rank; });
  std::vector<Placed> fitting;
  for (const std::size_t number : by_rank) {
    const Column& column = columns[number];
    fitting.push_back({number, natural_width(column, rows, number), column.holds_names});
    const std::size_t shortest = column.rank <= Column::kEssential ? kShortest : kLegible;
    if (column.rank == 0 || least_width(fitting, shortest) <= room) continue;
    fitting.pop_back();
    break;
  }
  return fitting;
}

// Cuts the widest names until all is in the room.
void shrink(std::vector<Placed>& columns, std::size_t room) {
  const auto is_narrower = [](const Placed& a, const Placed& b) {
    return std::pair(a.may_shrink, a.width) < std::pair(b.may_shrink, b.width);
  };
  for (std::size_t width = least_width(columns, Layout::kUnlimited); width > room; --width) {
    Placed& widest = *std::max_element(columns.begin(), columns.end(), is_narrower);
    if (!widest.may_shrink || widest.width == 0) return;  // what is left over is clipped
    --widest.width;
  }
}

std::vector<Placed> placed(const std::vector<Column>& columns, const std::vector<Row>& rows,
                           std::size_t room) {
  std::vector<Placed> placed = fitting(columns, rows, room);
  shrink(placed, room);
  std::sort(placed.begin(), placed.end(),
            [](const Placed& a, const Placed& b) { return a.number < b.number; });
  return placed;
}

// A name that may be written from right to left does not turn the figures beside it.
std::string cut_name(const std::string& name, std::size_t width, bool utf8) {
  const bool needs_isolation = analysis::isolated(name) != name;
  std::string cut = shortened(name, width, utf8);
  return needs_isolation ? analysis::isolated(cut) : cut;
}

Line laid_out(const Row& row, const std::vector<Column>& columns, const std::vector<Placed>& placed,
              const Layout& layout) {
  Line line;
  for (const Placed& place : placed) {
    const Column& column = columns[place.number];
    const Span& cell = row[place.number];
    const std::string text =
        column.holds_names ? cut_name(cell.text, place.width, layout.utf8) : cell.text;
    const std::string padding(place.width - display_width(text), ' ');
    if (!line.empty()) line.push_back({std::string(kGap, ' ')});
    if (column.align == Align::kRight) line.push_back({padding});
    line.push_back({text, cell.style});
    if (column.align == Align::kLeft) line.push_back({padding});
  }
  return clipped(line, layout.columns);
}

}  // namespace

Text table(const std::vector<Column>& columns, const std::vector<Row>& rows, const Layout& layout) {
  Row headings;
  for (const Column& column : columns) headings.push_back({column.heading, Style::kHeading});
  std::vector<Row> printable_rows{std::move(headings)};
  for (const Row& row : rows) {
    Row& copy = printable_rows.emplace_back(row);
    for (Span& cell : copy) cell.text = printable(cell.text, layout.utf8);
  }
  const std::vector<Placed> where = placed(columns, printable_rows, layout.columns);
  Text text;
  for (const Row& row : printable_rows) text.push_back(laid_out(row, columns, where, layout));
  return text;
}

}  // namespace timewait::report
