#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "analysis/pools_of_peer.h"
#include "analysis/wording.h"
#include "diagnosis/commands.h"
#include "diagnosis/evidence.h"
#include "diagnosis/explain.h"
#include "diagnosis/port_remedies.h"
#include "diagnosis/ports_taken.h"

namespace timewait::diagnosis {
namespace {

using analysis::Pool;
using analysis::Snapshot;

// So many ports of the range at least are worth a word besides the cause.
constexpr double kShareOfNote = 0.2;
constexpr std::uint32_t kSmallRange = 10'000;

void append(std::vector<Remedy>& remedies, std::optional<Remedy> remedy) {
  if (remedy) remedies.push_back(std::move(*remedy));
}

void append(std::vector<Remedy>& remedies, std::vector<Remedy> more) {
  for (Remedy& remedy : more) remedies.push_back(std::move(remedy));
}

// Seconds until the ports of a burst are back, where it was one: hardly any connections are opened
// any more, at present or in the last seconds. Absent where it is a load, or that is not known:
// where no port is left, none can be opened.
std::optional<double> burst_is_over_in(const Pool& pool, const Snapshot& snapshot) {
  constexpr std::ptrdiff_t kLastSeconds = 3;
  const auto first = pool.time_wait_ages.entered.begin();
  const double lately = std::accumulate(first, first + kLastSeconds, 0.0) / kLastSeconds;
  const std::optional<double> rate = known_arrival_rate(pool, snapshot);
  if (pool.headroom.free_ports() == 0) return std::nullopt;
  if (!rate || std::max(lately, *rate) > pool.sustainable_rate / 2) return std::nullopt;
  const auto youngest =
      std::find_if(first, pool.time_wait_ages.entered.end(), [](auto count) { return count > 0; });
  return double(pool.time_wait_ages.entered.end() - youngest);
}

std::string why_churn(const Pool& pool, const Snapshot& snapshot) {
  const double hold = std::round(pool.headroom.capacity / pool.sustainable_rate);
  const std::optional<double> over_in = burst_is_over_in(pool, snapshot);
  return "Connections to " + pool.key.remote.to_string() +
         " are opened, used for a short time and closed by this host. Who closes first keeps the "
         "port in TIME_WAIT, here for " +
         analysis::duration_in_words(hold) + ", so that " +
         analysis::in_words(pool.headroom.capacity) + " ports are enough for " +
         analysis::rate_in_words(pool.sustainable_rate) + " new connections a second." +
         (over_in ? " It was a burst: hardly any are opened at present, and the ports come back "
                    "within " +
                        analysis::duration_in_words(*over_in) + "."
                  : "");
}

std::string why_open(const Pool& pool) {
  const bool grows = !std::isinf(pool.exhaustion_seconds) && pool.headroom.free_ports() > 0;
  return std::string("An open connection keeps its port for as long as it lasts, and ") +
         (grows ? "they become more: a leak, or a load that has yet to settle."
                : "there are very many: a limit that is too high, or a leak.");
}

std::string why(CauseKind kind, const Pool& pool, const Snapshot& snapshot) {
  switch (kind) {
    case CauseKind::kChurn:
      return why_churn(pool, snapshot);
    case CauseKind::kSynSent:
      return "The peer does not answer: connect() waits, and holds its port until the kernel gives "
             "up, by default after about two minutes (net.ipv4.tcp_syn_retries).";
    case CauseKind::kFinWait2:
      return "This host has closed its side of the connections, and the peer does not close its "
             "own. If the program here is done with them, the kernel ends them after "
             "net.ipv4.tcp_fin_timeout (60 s by default); else they stay.";
    case CauseKind::kUnanswered:
      return "This host has closed the connections, and the peer does not even acknowledge it: it "
             "is gone, or packets are lost. The kernel goes on trying, often for minutes.";
    default:
      return why_open(pool);
  }
}

// What makes it worse, although it is not the cause.
std::string besides(const Snapshot& snapshot) {
  std::string text;
  const double range = snapshot.ephemeral_ports;
  if (snapshot.ephemeral_ports_bound >= kShareOfNote * range) {
    text += " Besides, bind() holds " + analysis::in_words(snapshot.ephemeral_ports_bound) +
            " ports that connect() cannot use.";
  }
  if (snapshot.ephemeral_ports_reserved >= kShareOfNote * range) {
    text += " Besides, " + analysis::in_words(snapshot.ephemeral_ports_reserved) +
            " ports of the range are reserved.";
  }
  if (snapshot.ephemeral_ports < kSmallRange) {
    text += " The range is a small one: the kernel's default has 28,232 ports.";
  }
  return text;
}

Remedy find_program(const std::string& what, std::string_view state, const Pool& pool) {
  return {.what = what,
          .where = "as root",
          .lines = {ss_by_program(state, toward(pool.key.remote))},
          .caution = ""};
}

std::vector<Remedy> against_open(const Pool& pool) {
  std::vector<Remedy> remedies = {
      find_program("Find the program that has them.", "established", pool)};
  remedies.push_back(limit_open(pool));
  remedies.push_back({.what = "To get the ports back now, start that program anew.",
                      .where = "",
                      .lines = {},
                      .caution = "What it closes then is in TIME_WAIT for another 60 s."});
  return remedies;
}

std::vector<Remedy> against_syn_sent(const Pool& pool) {
  const inet::Endpoint& remote = pool.key.remote;
  return {{.what = "See whether the peer answers at all, and what is between: its program, a "
                   "firewall, a security group, a route.",
           .where = "on this host",
           .lines = {"timeout 3 bash -c '</dev/tcp/" + remote.address.to_string() + "/" +
                     std::to_string(remote.port) + "' && echo it answers"},
           .caution = ""},
          {.what = "Let clients give up sooner, which gives the ports back.",
           .where = "in nginx; of other clients their connect timeout",
           .lines = {"proxy_connect_timeout 2s;"},
           .caution = ""},
          find_program("Find the program that tries.", "syn-sent", pool)};
}

std::vector<Remedy> against_fin_wait2(const Pool& pool, const std::string& netns) {
  return {{.what = "Mend the peer's program: there the connections are in CLOSE_WAIT, and it does "
                   "not close them.",
           .where = "on the peer, as root",
           .lines = {ss_by_program("close-wait",
                                   "'sport = :" + std::to_string(pool.key.remote.port) + "'")},
           .caution = ""},
          {.what = "Until then, let the kernel end them sooner.",
           .where = place_of_sysctls(netns),
           .lines = {sysctl("net.ipv4.tcp_fin_timeout", "15")},
           .caution = "It does nothing for connections that the program here has only shut down "
                      "and not closed."}};
}

std::vector<Remedy> against_unanswered(const Pool& pool) {
  return {{.what =
               "See what has become of the peer, and of what is between: a restart, a failover, "
               "a firewall that has forgotten its connections.",
           .where = "on this host",
           .lines = {"ss -tno dst " + pool.key.remote.to_string()},
           .caution = ""}};
}

}  // namespace

Explanation explain_pool(const Case& a_case, const Pool& pool, const Snapshot& snapshot) {
  const Cause& cause = a_case.cause;
  Explanation explanation;
  explanation.evidence.push_back(taken_in_words(pool, snapshot));
  if (cause.kind == CauseKind::kChurn) {
    if (std::optional<std::string> pace = pace_in_words(pool, snapshot)) {
      explanation.evidence.push_back(std::move(*pace));
    }
  }
  explanation.evidence.push_back(range_in_words(snapshot));
  explanation.why = why(cause.kind, pool, snapshot) + besides(snapshot);

  std::vector<Remedy>& remedies = explanation.remedies;
  switch (cause.kind) {
    case CauseKind::kChurn:
      append(remedies, keep_open(pool, snapshot));
      append(remedies, reuse(pool, snapshot, cause.netns));
      break;
    case CauseKind::kSynSent:
      append(remedies, against_syn_sent(pool));
      break;
    case CauseKind::kFinWait2:
      append(remedies, against_fin_wait2(pool, cause.netns));
      break;
    case CauseKind::kUnanswered:
      append(remedies, against_unanswered(pool));
      break;
    default:
      append(remedies, against_open(pool));
      break;
  }
  append(remedies, widen(snapshot, cause.netns));
  if (cause.kind == CauseKind::kChurn || cause.kind == CauseKind::kOpen) {
    remedies.push_back(more_addresses(pool));
  }
  return explanation;
}

}  // namespace timewait::diagnosis
