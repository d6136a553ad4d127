#include "report/cells.h"

#include <cmath>
#include <string_view>

#include "analysis/wording.h"

namespace timewait::report {
namespace {

constexpr char kUnknown[] = "?";

std::string abbreviated(std::string text) {
  constexpr std::string_view kLessThan = "less than";
  if (text.starts_with(kLessThan)) text.replace(0, kLessThan.size(), "<");
  return text;
}

}  // namespace

std::string share_cell(double share) { return abbreviated(analysis::percent(share)); }

std::string runs_out_cell(const PeerRow& row) {
  if (!row.headroom) return kNothing;
  if (row.headroom->free_ports() == 0 || row.exhaustion_seconds <= 0) return "now";
  if (std::isinf(row.exhaustion_seconds)) return kNothing;
  return abbreviated(analysis::duration_in_words(row.exhaustion_seconds));
}

std::string local_address_cell(const PeerRow& row) {
  if (!row.tightest) return kNothing;
  const std::string address = row.tightest->local.to_string();
  return row.pools > 1 ? address + " +" + analysis::in_words(row.pools - 1) : address;
}

std::string arrivals_cell(const PeerRow& row) {
  if (!row.tightest || !row.sustainable_rate) return kNothing;
  const std::string arrivals =
      row.arrival_rate ? analysis::rate_in_words(*row.arrival_rate) : kUnknown;
  return arrivals + " of " + analysis::rate_in_words(*row.sustainable_rate);
}

}  // namespace timewait::report
