// Evidence, cause and remedies, for each kind of cause. Thread-safe.
#pragma once

#include "analysis/exporter_state.h"
#include "diagnosis/case.h"

namespace timewait::diagnosis {

Explanation explain(const Case& a_case, const analysis::ExporterState& state);

// What explain() takes them from. The snapshot is that of the cause's network namespace; `pool` the
// one that the first of the findings about ports is about.
Explanation explain_pool(const Case& a_case, const analysis::Pool& pool,
                         const analysis::Snapshot& snapshot);
// `pool`: likewise; null where the case has no such finding.
Explanation explain_lost_ports(const Case& a_case, const analysis::Pool* pool,
                               const analysis::Snapshot& snapshot);
Explanation explain_close_wait(const Case& a_case, const analysis::Snapshot& snapshot);
Explanation explain_time_wait_limit(const Case& a_case, const analysis::Snapshot& snapshot);
Explanation explain_accept_queue(const Case& a_case, const analysis::Snapshot& snapshot);
Explanation explain_ephemeral_listener(const Case& a_case, const analysis::Snapshot& snapshot);

}  // namespace timewait::diagnosis
