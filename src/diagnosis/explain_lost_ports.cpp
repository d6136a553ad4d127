// Ports that no pool has: held by bind(), reserved, or beyond the range.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "analysis/wording.h"
#include "diagnosis/commands.h"
#include "diagnosis/evidence.h"
#include "diagnosis/explain.h"
#include "diagnosis/lookup.h"
#include "diagnosis/port_remedies.h"
#include "diagnosis/reservation.h"

namespace timewait::diagnosis {
namespace {

using analysis::in_words;
using analysis::Pool;
using analysis::Snapshot;

Remedy bind_without_port() {
  return {.what = "Let clients that choose their own address leave the port to connect().",
          .where = "in the program, before its bind() with port 0 (nginx's proxy_bind does it)",
          .lines = {"int one = 1;",
                    "setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);"},
          .caution = "Or, where the address does not matter, do without bind() in a client."};
}

Remedy find_who_binds(const Place& place) {
  return {.what =
              "Find the program: one that calls bind() with port 0 and then connect(), or that "
              "leaves bound sockets behind.",
          .where = place.as_root() + "; the first line needs iproute2 6.8 and Linux 6.8",
          .lines = {place.command("ss -Htanp --bound-inactive"),
                    place.command(ss_by_program("connected", "")),
                    "strace -f -e trace=bind,connect -p PID"},
          .caution = ""};
}

Remedy move_listeners(const Place& place) {
  return {.what = "Let what listens in the range listen below port " +
                  std::to_string(kWideRange.first) + ".",
          .where = "these programs, " + place.as_root(),
          .lines = {place.command("ss -Htlnp")},
          .caution = "To reserve their ports keeps others off them, and gives none back."};
}

std::string holders_in_words(std::uint32_t listening, std::uint32_t others) {
  std::vector<std::string> parts;
  if (listening > 0) parts.push_back(in_words(listening) + " are held by what listens");
  if (others > 0) {
    parts.push_back(in_words(others) +
                    " by sockets that are bound and not connected, or that called bind() before "
                    "connect()");
  }
  return "Of the ports held by bind(), " + enumerated(parts) + ".";
}

Explanation explain_bound(const Snapshot& snapshot, const Place& place) {
  const std::uint32_t bound = snapshot.ephemeral_ports_bound;
  const std::uint32_t listening = std::min(bound, held_by_listeners(snapshot));
  Explanation explanation;
  explanation.evidence = {holders_in_words(listening, bound - listening)};
  explanation.why =
      "connect() skips a port that any socket has taken with bind(), whatever the destination, so "
      "each of them is missing in every pool.";
  if (bound - listening > listening) {
    explanation.remedies = {bind_without_port(), find_who_binds(place)};
  } else {
    explanation.remedies = {move_listeners(place)};
  }
  return explanation;
}

Explanation explain_reserved(const Snapshot& snapshot, const Place& place) {
  Explanation explanation;
  explanation.evidence = {"Reserved are " + list_of(snapshot.settings.reserved_ports) + "."};
  explanation.why =
      "connect() never takes a port that net.ipv4.ip_local_reserved_ports has, so each of them is "
      "missing in every pool.";
  const Reservation reservation(snapshot);
  if (!reservation.is_possible()) return explanation;
  explanation.remedies = {{.what = "Reserve only the ports that something listens on.",
                           .where = place.of_sysctls(),
                           .lines = {reservation.line(place)},
                           .caution = "Add what is stopped at the moment."}};
  return explanation;
}

Explanation explain_small_range() {
  Explanation explanation;
  explanation.why = "The range is small: the kernel's default has " + in_words(kDefaultRange) +
                    " ports, which so few connections would not fill.";
  return explanation;
}

Explanation explanation_of(const Case& a_case, const Snapshot& snapshot) {
  if (a_case.cause.kind == CauseKind::kBound) return explain_bound(snapshot, a_case.place);
  if (is_mostly_reserved(snapshot)) return explain_reserved(snapshot, a_case.place);
  return explain_small_range();
}

}  // namespace

Explanation explain_lost_ports(const Case& a_case, const Pool* pool, const Snapshot& snapshot) {
  Explanation explanation = explanation_of(a_case, snapshot);
  std::vector<std::string>& evidence = explanation.evidence;
  evidence.insert(evidence.begin(), range_in_words(snapshot));
  if (pool != nullptr) evidence.insert(evidence.begin(), taken_in_words(*pool, snapshot));
  if (std::optional<Remedy> wider = widen(snapshot, a_case.place)) {
    explanation.remedies.push_back(std::move(*wider));
  }
  return explanation;
}

}  // namespace timewait::diagnosis
