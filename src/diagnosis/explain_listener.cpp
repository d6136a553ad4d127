#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "diagnosis/commands.h"
#include "diagnosis/explain.h"
#include "diagnosis/lookup.h"
#include "diagnosis/reservation.h"

namespace timewait::diagnosis {
namespace {

using analysis::Listener;
using analysis::Snapshot;

Remedy longer_queue(const Listener* listener, const Place& place) {
  constexpr std::uint32_t kLeast = 4'096;
  constexpr std::uint32_t kMost = 32'768;
  const bool is_known = listener != nullptr && listener->fullest_queue;
  const std::uint32_t limit = is_known ? std::min(listener->fullest_queue->limit, kMost / 2) : 0;
  const std::string length = std::to_string(std::max(kLeast, std::bit_ceil(2 * limit)));
  const bool has_port = listener != nullptr && !listener->ports.empty();
  const std::string port = std::to_string(has_port ? listener->ports.front() : 80);
  return {
      .what =
          "If only bursts overflow it: a longer queue. It takes both the program's backlog and "
          "the kernel's limit, and the program must listen anew.",
      .where = place.as_root() + ", and in the program: in nginx, or Tomcat's Connector",
      .lines = {place.sysctl("net.core.somaxconn", length),
                "listen " + port + " backlog=" + length + ";", "acceptCount=\"" + length + "\""},
      .caution = "A program that is too slow for its load fills a longer queue, too."};
}

}  // namespace

Explanation explain_accept_queue(const Case& a_case, const Snapshot& snapshot) {
  Explanation explanation;
  const Place& place = a_case.place;
  const Listener* const listener = listener_named(snapshot, a_case.cause.listener.value_or(""));
  explanation.why =
      "These connections are established, and wait for the program to call accept(): it is "
      "blocked, has no CPU, or its threads are all busy. It has nothing to do with TIME_WAIT or "
      "local ports.";
  const std::string filter =
      listener == nullptr || listener->ports.empty() ? "" : " " + on_ports(listener->ports);
  explanation.remedies = {
      {.what = "Find the program, and what it waits for: CPU, a lock, a database.",
       .where = place.as_root() + "; Recv-Q is the queue, Send-Q its limit",
       .lines = {place.command("ss -tlnp" + filter), "top -H -p PID", "jstack PID"},
       .caution = ""},
      {.what = "More threads or instances that accept.",
       .where = "in nginx; of Tomcat maxThreads and maxConnections",
       .lines = {"worker_connections 4096;"},
       .caution = ""},
      longer_queue(listener, place)};
  return explanation;
}

Explanation explain_ephemeral_listener(const Case& a_case, const Snapshot& snapshot) {
  const Place& place = a_case.place;
  Explanation explanation;
  explanation.why =
      "While a program listens, nobody can take its port. During a restart connect() may hand it "
      "out, and the program cannot start again: \"Address already in use\".";
  const Reservation reservation(snapshot);
  if (!reservation.is_possible()) {
    explanation.remedies = {{.what = "Let them listen below the range: there are too many ports "
                                     "for net.ipv4.ip_local_reserved_ports.",
                             .where = "these programs, " + place.as_root(),
                             .lines = {place.command("ss -Htlnp")},
                             .caution = ""}};
    return explanation;
  }
  explanation.remedies = {
      {.what = "Reserve the ports: connect() then skips them, and listening works as before.",
       .where = place.of_sysctls(),
       .lines = {reservation.line(place)},
       .caution = "The line replaces the list and has what was in it. Leave out a port that the "
                  "kernel chose, since it is another at the next start."}};
  return explanation;
}

}  // namespace timewait::diagnosis
