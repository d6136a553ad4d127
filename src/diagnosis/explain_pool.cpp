#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "analysis/pools_of_peer.h"
#include "analysis/wording.h"
#include "diagnosis/commands.h"
#include "diagnosis/evidence.h"
#include "diagnosis/explain.h"
#include "diagnosis/lookup.h"
#include "diagnosis/port_remedies.h"
#include "diagnosis/ports_taken.h"

namespace timewait::diagnosis {
namespace {

using analysis::Pool;
using analysis::Snapshot;

// So many ports of the range at least are worth a word besides the cause.
constexpr double kShareOfNote = 0.2;

// What stops the errors at once, and what takes their cause away.
struct Steps {
  std::vector<Remedy> now;
  std::vector<Remedy> later;
};

void append(std::vector<Remedy>& remedies, std::optional<Remedy> remedy) {
  if (remedy) remedies.push_back(std::move(*remedy));
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
         " are opened, used for a short time and closed by this host. Whichever side closes first "
         "keeps the port in TIME_WAIT, here for " +
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
  if (has_small_range(snapshot)) {
    text += " The range is a small one: the kernel's default has " +
            analysis::in_words(kDefaultRange) + " ports.";
  }
  return text;
}

Remedy find_program(const std::string& what, std::string_view state, const Pool& pool,
                    const Place& place) {
  return {.what = what,
          .where = place.as_root(),
          .lines = {place.command(ss_by_program(state, toward(pool.key.remote)))},
          .caution = ""};
}

Steps against_churn(const Pool& pool, const Snapshot& snapshot, const Place& place) {
  Steps steps;
  append(steps.now, reuse(pool, snapshot, place));
  steps.later = keep_open(pool, snapshot, place);
  steps.later.push_back(more_addresses(pool));
  return steps;
}

Steps against_open(const Pool& pool, const Place& place) {
  return {{find_program("Find the program that has them.", "established", pool, place),
           {.what = "Restart that program, which gives the ports back within a minute.",
            .where = "",
            .lines = {},
            .caution = ""}},
          {limit_open(pool), more_addresses(pool)}};
}

Steps against_syn_sent(const Pool& pool, const Place& place) {
  const inet::Endpoint& remote = pool.key.remote;
  const std::string port =
      "/dev/tcp/" + remote.address.to_string() + "/" + std::to_string(remote.port);
  return {{{.what = "See whether the peer answers at all, and what is between: its program, a "
                    "firewall, a security group, a route.",
            .where = place.as_root(),
            .lines = {place.command("timeout 3 bash -c '<" + port + "' && echo it answers")},
            .caution = ""},
           find_program("Find the program that tries.", "syn-sent", pool, place)},
          {{.what = "Let clients give up sooner, which gives the ports back.",
            .where = "in nginx; of other clients their connect timeout",
            .lines = {"proxy_connect_timeout 2s;"},
            .caution = ""}}};
}

Steps against_fin_wait2(const Pool& pool, const Place& place) {
  const std::string its_port = "'sport = :" + std::to_string(pool.key.remote.port) + "'";
  return {{{.what = "Let the kernel end them sooner.",
            .where = place.of_sysctls(),
            .lines = {place.sysctl("net.ipv4.tcp_fin_timeout", "15")},
            .caution = "It does nothing for connections that the program here has only shut down "
                       "and not closed."}},
          {{.what = "Mend the peer's program: there the connections are in CLOSE_WAIT, and it does "
                    "not close them.",
            .where = "on the peer, as root",
            .lines = {ss_by_program("close-wait", its_port)},
            .caution = ""}}};
}

Steps against_unanswered(const Pool& pool, const Place& place) {
  return {
      {{.what = "See what has become of the peer, and of what is between: a restart, a failover, "
                "a firewall that has forgotten its connections.",
        .where = place.as_root(),
        .lines = {place.command("ss -tno dst " + pool.key.remote.to_string())},
        .caution = ""}},
      {}};
}

Steps steps_against(const Case& a_case, const Pool& pool, const Snapshot& snapshot) {
  const Place& place = a_case.place;
  switch (a_case.cause.kind) {
    case CauseKind::kChurn:
      return against_churn(pool, snapshot, place);
    case CauseKind::kSynSent:
      return against_syn_sent(pool, place);
    case CauseKind::kFinWait2:
      return against_fin_wait2(pool, place);
    case CauseKind::kUnanswered:
      return against_unanswered(pool, place);
    default:
      return against_open(pool, place);
  }
}

void say_when(const std::string& when, std::vector<Remedy>& remedies) {
  for (Remedy& remedy : remedies) {
    remedy.what = when + ": " + remedy.what;
    char& first = remedy.what[when.size() + 2];
    first = static_cast<char>(std::tolower(static_cast<unsigned char>(first)));
  }
}

// The most effective first; where it is critical, those that work at once. What is no trouble yet
// needs no more than what takes its cause away.
std::vector<Remedy> in_order(Steps steps, analysis::Severity severity) {
  std::vector<Remedy>& now = steps.now;
  std::vector<Remedy>& later = steps.later;
  if (severity == analysis::Severity::kInfo) {
    if (later.size() > 1) later.resize(1);
    return later;
  }
  if (severity == analysis::Severity::kCritical) {
    say_when("Now", now);
    say_when("Then", later);
    std::swap(now, later);
  }
  std::move(now.begin(), now.end(), std::back_inserter(later));
  return later;
}

}  // namespace

Explanation explain_pool(const Case& a_case, const Pool& pool, const Snapshot& snapshot) {
  const CauseKind kind = a_case.cause.kind;
  Explanation explanation;
  explanation.evidence.push_back(taken_in_words(pool, snapshot));
  const bool is_pace_told = a_case.has(analysis::FindingKind::kExhaustion) ||
                            a_case.has(analysis::FindingKind::kArrivalRate);
  if (kind == CauseKind::kChurn && !is_pace_told) {
    if (std::optional<std::string> pace = pace_in_words(pool, snapshot)) {
      explanation.evidence.push_back(std::move(*pace));
    }
  }
  explanation.evidence.push_back(range_in_words(snapshot));
  explanation.why = why(kind, pool, snapshot) + besides(snapshot);

  Steps steps = steps_against(a_case, pool, snapshot);
  if (std::optional<Remedy> wider = widen(snapshot, a_case.place)) {
    steps.now.insert(kind == CauseKind::kChurn ? steps.now.begin() : steps.now.end(),
                     std::move(*wider));
  }
  explanation.remedies = in_order(std::move(steps), a_case.severity());
  return explanation;
}

}  // namespace timewait::diagnosis
