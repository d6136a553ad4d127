// The tables of `timewait` and `timewait top`. Their colours are those of what was found, never of
// thresholds of their own. Thread-safe.
#pragma once

#include <vector>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"
#include "report/peer_rows.h"
#include "report/styled_text.h"

namespace timewait::report {

// One line of headings, then a line for each row, in their order. Columns that do not fit are left
// out, the least telling first. Where there are no rows, a line that says so.
Text peers_table(const std::vector<PeerRow>& rows, const Layout& layout);

// Likewise; empty where there are no listeners. Of a namespace that has a snapshot; `findings` are
// all that there are.
Text listeners_table(const analysis::NamespaceState& state,
                     const std::vector<analysis::Finding>& findings, const Layout& layout);

// The host's limits: ephemeral ports, TIME_WAIT sockets, tcp_tw_reuse; one line where it fits. Of a
// namespace that has a snapshot.
Text host_lines(const analysis::NamespaceState& state,
                const std::vector<analysis::Finding>& findings, const Layout& layout);

}  // namespace timewait::report
