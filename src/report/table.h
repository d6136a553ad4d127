// Lays out a table: as many columns as fit. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "report/styled_text.h"

namespace timewait::report {

enum class Align { kLeft, kRight };

struct Column {
  // Up to this rank, names are rather cut short than the column left out.
  static constexpr unsigned kEssential = 2;

  std::string heading;
  unsigned rank = 0;  // the column with the highest is left out first; 0 never is
  Align align = Align::kRight;
  bool holds_names = false;  // what stands in it may be cut to make room for others
};

using Row = std::vector<Span>;  // one for each column

// The headings, then the rows. Text may be anything; it is made printable here.
Text table(const std::vector<Column>& columns, const std::vector<Row>& rows, const Layout& layout);

}  // namespace timewait::report
