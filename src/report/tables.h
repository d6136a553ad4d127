// The tables of `timewait` and `timewait top`. Thread-safe.
#pragma once

#include <vector>

#include "analysis/exporter_state.h"
#include "report/peer_rows.h"
#include "report/styled_text.h"

namespace timewait::report {

// One line of headings, then a line for each row, in their order. Columns that do not fit are left
// out, the least telling first.
Text peers_table(const std::vector<PeerRow>& rows, const Layout& layout);

// Likewise; empty where there are none.
Text listeners_table(const analysis::Snapshot& snapshot, const Layout& layout);

// The host's limits: ephemeral ports, TIME_WAIT sockets, tcp_tw_reuse; one line where it fits.
Text host_lines(const analysis::Snapshot& snapshot, const Layout& layout);

}  // namespace timewait::report
