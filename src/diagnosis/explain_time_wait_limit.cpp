#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "analysis/pools_of_peer.h"
#include "diagnosis/evidence.h"
#include "diagnosis/explain.h"
#include "diagnosis/port_remedies.h"
#include "diagnosis/time_wait_holders.h"

namespace timewait::diagnosis {
namespace {

using analysis::Snapshot;

Remedy more_room(const Case& a_case, const Snapshot& snapshot) {
  constexpr std::uint64_t kLeast = 65'536;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30;  // it is an int
  const std::uint64_t limit = std::min(snapshot.settings.max_tw_buckets.value_or(0), kMost / 2);
  const std::uint64_t value = std::max(kLeast, std::bit_ceil(2 * limit));
  Remedy remedy{
      .what = "Give TIME_WAIT sockets more room: each takes less than half a kB.",
      .where = a_case.place.of_sysctls(),
      .lines = {a_case.place.sysctl("net.ipv4.tcp_max_tw_buckets", std::to_string(value))},
      .caution = ""};
  if (a_case.cause.kind == CauseKind::kChurn) {
    remedy.caution = "With more room more ports stay taken: look at the headroom afterwards.";
  }
  return remedy;
}

Remedy keep_clients() {
  return {.what =
              "Let clients keep their connections, so that fewer are closed; or let the client "
              "be the one who closes.",
          .where = "the program that listens; if it is nginx",
          .lines = {"keepalive_timeout 75s;", "keepalive_requests 1000;"},
          .caution = ""};
}

}  // namespace

Explanation explain_time_wait_limit(const Case& a_case, const Snapshot& snapshot) {
  const Cause& cause = a_case.cause;
  Explanation explanation;
  explanation.evidence = {time_wait_holders_in_words(snapshot)};
  explanation.why =
      "Who closes a connection first keeps it in TIME_WAIT for 60 s, and here this host is the "
      "one. Connections go on to work beyond the limit, but late packets may end up in the next "
      "one.";
  const analysis::Pool* const pool =
      cause.peer ? analysis::tightest_pool(snapshot, *cause.peer) : nullptr;
  if (pool != nullptr) {
    explanation.remedies = keep_open(*pool, snapshot, a_case.place);
  } else if (time_wait_holders(snapshot).inbound > 0) {
    explanation.remedies = {keep_clients()};
  }
  explanation.remedies.push_back(more_room(a_case, snapshot));
  return explanation;
}

}  // namespace timewait::diagnosis
