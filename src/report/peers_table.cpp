#include <algorithm>
#include <string>
#include <vector>

#include "analysis/wording.h"
#include "report/bar.h"
#include "report/cells.h"
#include "report/found.h"
#include "report/line.h"
#include "report/table.h"
#include "report/tables.h"

namespace timewait::report {
namespace {

constexpr std::size_t kBarColumns = 10;

std::string used_cell(const analysis::Headroom& headroom) {
  return analysis::in_words(headroom.used) + "/" + analysis::in_words(headroom.capacity);
}

// CLOSE_WAIT comes last.
Row cells_of(const PeerRow& row, bool utf8) {
  const bool is_idle = row.headroom && !row.tightest && !row.worst;
  const Style calm = is_idle ? Style::kFaint : Style::kPlain;
  const Style pace = style_of(row.pace, calm);
  const Style ports = style_of(row.ports, is_idle ? Style::kFaint : Style::kGood);
  const auto& headroom = row.headroom;
  return {
      {row.peer, style_of(row.worst, calm)},
      {local_address_cell(row), calm},
      {headroom ? used_cell(*headroom) : kNothing, calm},
      {headroom ? bar(*headroom, kBarColumns, utf8) : "", ports},
      {headroom ? share_cell(headroom->ratio()) : kNothing, calm},
      {headroom ? share_cell(headroom->effective_ratio()) : kNothing,
       headroom ? ports : Style::kPlain},
      {analysis::in_words(row.time_wait), calm},
      {analysis::in_words(row.established), calm},
      {arrivals_cell(row), pace},
      {runs_out_cell(row), pace},
      {analysis::in_words(row.close_wait), style_of(row.unclosed, calm)},
  };
}

}  // namespace

Text peers_table(const std::vector<PeerRow>& rows, const Layout& layout) {
  if (rows.empty()) return paragraph({}, {"There are no outbound connections."}, layout);
  std::vector<Column> columns = {
      {"PEER", 0, Align::kLeft, true},
      {"LOCAL ADDRESS", 7, Align::kLeft, true},
      {"USED/CAPACITY", 2},
      {"", 6, Align::kLeft},  // the bar
      {"FREE", 9},
      {"EFFECTIVE", 1},
      {"TIME_WAIT", 4},
      {"ESTAB", 8},
      {"ARRIVALS/s", 5},
      {"RUNS OUT IN", 3},
  };
  const bool has_close_wait =
      std::any_of(rows.begin(), rows.end(), [](const PeerRow& row) { return row.close_wait > 0; });
  if (has_close_wait) columns.push_back({"CLOSE_WAIT", 10});
  std::vector<Row> cells;
  cells.reserve(rows.size());
  for (const PeerRow& row : rows) {
    cells.push_back(cells_of(row, layout.utf8));
    if (!has_close_wait) cells.back().pop_back();
  }
  return table(columns, cells, layout);
}

}  // namespace timewait::report
