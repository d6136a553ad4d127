#include "diagnosis/evidence.h"

#include <cstddef>
#include <cstdint>
#include <optional>

#include "analysis/pools_of_peer.h"
#include "analysis/wording.h"
#include "diagnosis/ports_taken.h"
#include "diagnosis/time_wait_holders.h"

namespace timewait::diagnosis {
namespace {

using analysis::in_words;
using analysis::plural;
using analysis::Pool;
using analysis::Snapshot;

std::string state_in_words(Taker taker) {
  switch (taker) {
    case Taker::kEstablished:
      return "established";
    case Taker::kCloseWait:
      return "in CLOSE_WAIT";
    case Taker::kSynSent:
      return "in SYN_SENT";
    case Taker::kFinWait2:
      return "in FIN_WAIT2";
    case Taker::kUnanswered:
      return "in FIN_WAIT1, CLOSING or LAST_ACK";
    default:
      return "in TIME_WAIT";
  }
}

}  // namespace

std::string enumerated(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string taken_in_words(const Pool& pool, const Snapshot& snapshot) {
  const PortsTaken taken(pool, snapshot);
  std::vector<std::string> parts;
  for (const Taker taker : {Taker::kTimeWait, Taker::kEstablished, Taker::kCloseWait,
                            Taker::kSynSent, Taker::kFinWait2, Taker::kUnanswered}) {
    const std::uint32_t ports = taken.by(taker);
    if (ports > 0) parts.push_back(in_words(ports) + " " + state_in_words(taker));
  }
  if (pool.headroom.reusable > 0) {
    parts.push_back(in_words(pool.headroom.reusable) +
                    " in TIME_WAIT that the kernel would give again now");
  }
  const std::string sum = in_words(pool.headroom.used) + " of " +
                          plural(pool.headroom.capacity, "usable port is", "usable ports are") +
                          " taken " + ends_of(pool.key);
  return parts.empty() ? sum + "." : sum + ": " + enumerated(parts) + ".";
}

std::optional<std::string> pace_in_words(const Pool& pool, const Snapshot& snapshot) {
  const std::optional<double> rate = known_arrival_rate(pool, snapshot);
  if (!rate || pool.headroom.free_ports() == 0) return std::nullopt;
  constexpr double kHardlyAny = 0.1;
  const std::string opened =
      *rate < kHardlyAny
          ? "Hardly any connections are opened there at present, and "
          : analysis::rate_in_words(*rate) + " connections a second are opened there, and ";
  return opened + analysis::rate_in_words(pool.sustainable_rate) + " a second can be sustained.";
}

std::string range_in_words(const Snapshot& snapshot) {
  const inet::PortRange range = snapshot.settings.ephemeral_ports;
  std::vector<std::string> parts;
  if (snapshot.ephemeral_ports_reserved > 0) {
    parts.push_back(in_words(snapshot.ephemeral_ports_reserved) + " reserved");
  }
  if (snapshot.ephemeral_ports_bound > 0) {
    parts.push_back(in_words(snapshot.ephemeral_ports_bound) + " held by bind()");
  }
  const std::string lost = parts.empty() ? "" : ", less " + enumerated(parts);
  return "The ephemeral range (net.ipv4.ip_local_port_range) is " + std::to_string(range.first) +
         " to " + std::to_string(range.last) + ": " +
         plural(snapshot.ephemeral_ports, "port", "ports") + lost + ".";
}

std::string time_wait_holders_in_words(const Snapshot& snapshot) {
  const TimeWaitHolders holders = time_wait_holders(snapshot);
  if (holders.outbound + holders.inbound == 0) return "No socket is in TIME_WAIT at present.";
  const bool is_outbound = holders.outbound > holders.inbound;
  const TimeWaitHolder& most = is_outbound ? holders.peer : holders.listener;
  const std::string name = most.name == analysis::kOtherPeers && is_outbound
                               ? "peers that are not shown by name"
                               : analysis::isolated(most.name);
  return in_words(is_outbound ? holders.outbound : holders.inbound) + " of " +
         in_words(snapshot.time_wait_sockets) +
         " TIME_WAIT sockets are of connections that this host " +
         (is_outbound ? "opened, " : "accepted, ") + in_words(most.sockets) + " of them " +
         (is_outbound ? "to " : "by ") + name + ".";
}

}  // namespace timewait::diagnosis
