// Ports that no pool has: held by bind(), reserved, or beyond the range.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "analysis/wording.h"
#include "diagnosis/commands.h"
#include "diagnosis/evidence.h"
#include "diagnosis/explain.h"
#include "diagnosis/port_remedies.h"

namespace timewait::diagnosis {
namespace {

using analysis::in_words;
using analysis::Snapshot;

Remedy bind_without_port() {
  return {.what = "Let clients that choose their own address leave the port to connect().",
          .where = "in the program, before its bind() with port 0 (nginx's proxy_bind does it)",
          .lines = {"int one = 1;",
                    "setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);"},
          .caution = "Or, where the address does not matter, do without bind() in a client."};
}

Remedy find_who_binds() {
  return {.what =
              "Find the program: one that calls bind() with port 0 and then connect(), or that "
              "leaves bound sockets behind.",
          .where = "as root; the first line needs iproute2 6.8 and Linux 6.8",
          .lines = {"ss -Htanp --bound-inactive", ss_by_program("connected", ""),
                    "strace -f -e trace=bind,connect -p PID"},
          .caution = ""};
}

Remedy move_listeners() {
  return {.what = "Let what listens in the range listen below it.",
          .where = "these programs, as root",
          .lines = {"ss -Htlnp"},
          .caution = "To reserve their ports keeps others off them, and gives none back."};
}

Explanation explain_bound(const Snapshot& snapshot) {
  const std::uint32_t bound = snapshot.ephemeral_ports_bound;
  const std::uint32_t listening = std::min(bound, held_by_listeners(snapshot));
  Explanation explanation;
  explanation.evidence = {in_words(listening) + " are held by what listens, " +
                          in_words(bound - listening) +
                          " by sockets that are bound and not connected, or that called bind() "
                          "before connect()."};
  explanation.why =
      "connect() skips a port that any socket has taken with bind(), whatever the destination, so "
      "each of them is missing in every pool.";
  if (bound - listening >= listening) {
    explanation.remedies = {bind_without_port(), find_who_binds()};
  } else {
    explanation.remedies = {move_listeners()};
  }
  return explanation;
}

Explanation explain_small_range(const Snapshot& snapshot) {
  Explanation explanation;
  if (snapshot.ephemeral_ports_reserved < snapshot.ephemeral_ports / 2) {
    explanation.why =
        "The range is small: the kernel's default has 28,232 ports, of which so many connections "
        "would be few.";
    return explanation;
  }
  explanation.evidence = {"Reserved are " + list_of(snapshot.settings.reserved_ports) + "."};
  explanation.why =
      "connect() never takes a port that net.ipv4.ip_local_reserved_ports has, so each of them is "
      "missing in every pool.";
  explanation.remedies = {{.what = "Reserve only the ports of servers inside the range.",
                           .where = "as root; to see what listens",
                           .lines = {"ss -Htlnp"},
                           .caution = ""}};
  return explanation;
}

}  // namespace

Explanation explain_lost_ports(const Case& a_case, const Snapshot& snapshot) {
  Explanation explanation = a_case.cause.kind == CauseKind::kBound ? explain_bound(snapshot)
                                                                   : explain_small_range(snapshot);
  explanation.evidence.insert(explanation.evidence.begin(), range_in_words(snapshot));
  if (std::optional<Remedy> wider = widen(snapshot, a_case.cause.netns)) {
    explanation.remedies.push_back(std::move(*wider));
  }
  return explanation;
}

}  // namespace timewait::diagnosis
