// Whatever polls read, and under whichever rules: the figures that come of it are possible ones,
// every socket is counted once, and all of it can be told.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "analysis/aggregator.h"
#include "analysis/exporter_state.h"
#include "analysis/findings.h"
#include "analysis/history.h"
#include "choices.h"
#include "exposition/render.h"
#include "exposition/snapshot_json.h"
#include "made_readings.h"
#include "require.h"

namespace timewait::analysis {
namespace {
using timewait::inet::TcpState;
using timewait::reading::SocketRecord;

bool is_ratio(double number) { return number >= 0 && number <= 1; }
bool is_rate(double number) { return std::isfinite(number) && number >= 0; }
bool is_time_left(double seconds) { return seconds >= 0; }  // +Inf is one, NaN is not

void check_headroom(const Headroom& headroom) {
  require(headroom.used <= headroom.capacity);
  require(headroom.reusable <= headroom.used);
  require(headroom.free_ports() <= headroom.capacity);
  require(headroom.fast <= headroom.free_ports());
  require(is_ratio(headroom.ratio()) && is_ratio(headroom.effective_ratio()));
}

void check_peer(const Peer& peer) {
  check_headroom(peer.headroom);
  require(!peer.arrival_rate || is_rate(*peer.arrival_rate));
  require(!peer.sustainable_rate || is_rate(*peer.sustainable_rate));
  require(is_time_left(peer.exhaustion_seconds));
  require(peer.tightest.has_value() == (peer.pools > 0));
}

void check_pool(const Pool& pool) {
  check_headroom(pool.headroom);
  require(is_rate(pool.arrival_rate) && is_rate(pool.sustainable_rate));
  require(is_time_left(pool.exhaustion_seconds));
  require(pool.time_wait_ages.total() <= pool.sockets[TcpState::kTimeWait]);
}

void check_ports(const Snapshot& snapshot) {
  require(snapshot.ephemeral_ports_reserved <= snapshot.ephemeral_ports);
  require(snapshot.ephemeral_ports_bound <=
          snapshot.ephemeral_ports - snapshot.ephemeral_ports_reserved);
}

void check_limits(const Snapshot& snapshot) {
  require(snapshot.discovered_peers.size() <= snapshot.max_discovered_peers);
  const std::size_t peers = snapshot.configured_peers.size() + snapshot.discovered_peers.size();
  require(snapshot.pools.size() <= PoolWatch::kTightest + peers);
}

// What went into a poll: connections by state, and all of it.
struct Counted {
  StateCounts connections;
  std::uint64_t records = 0;

  void add(const std::vector<SocketRecord>& sockets) {
    records += sockets.size();
    for (const SocketRecord& socket : sockets) {
      const bool holds = socket.state == TcpState::kListen || socket.state == TcpState::kClose;
      if (!holds) ++connections[socket.state];
    }
  }
};

using Groups = std::map<std::string, SocketGroup>;

Groups groups_of(const Snapshot& snapshot) {
  Groups groups;
  const auto add = [&groups](const std::string& name, const SocketGroup& group) {
    require(groups.emplace(name, group).second);  // no two have one name
  };
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const Peer& peer : *peers) add("to " + peer.name, peer.group);
  }
  if (snapshot.other) add("to " + std::string(kOtherPeers), *snapshot.other);
  for (const Listener& listener : snapshot.listeners) add("at " + listener.name, listener.group);
  return groups;
}

void check_sums(const Snapshot& snapshot, const Groups& groups, const Counted& counted) {
  StateCounts sum;
  for (const auto& [name, group] : groups) sum += group.sockets;
  require(sum == counted.connections);
  require(snapshot.sockets_read == counted.records);
}

void check_counters(const Groups& before, const Groups& after) {
  for (const auto& [name, group] : after) {
    const auto known = before.find(name);
    if (known == before.end()) continue;
    require(group.time_wait_entered >= known->second.time_wait_entered);
    require((group.states_seen & known->second.states_seen) == known->second.states_seen);
  }
}

void check_findings(const ExporterState& state, std::chrono::steady_clock::time_point now) {
  auto last = Severity::kCritical;
  for (const Finding& finding : findings_of(state, now)) {
    require(!finding.text.empty() && finding.text.find('\n') == std::string::npos);
    require(finding.text.find("nan") == std::string::npos);
    require(finding.severity >= last);
    last = finding.severity;
  }
}

// A line of the text format: a series once, with a number.
void check_series(std::set<std::string, std::less<>>& seen, std::string_view line) {
  const std::size_t space = line.rfind(' ');
  require(space != std::string_view::npos);
  require(seen.emplace(line.substr(0, space)).second);
  const std::string_view value = line.substr(space + 1);
  const bool may_be_infinite = line.starts_with("timewait_outbound_exhaustion_seconds");
  require(value != "Nan" && value != "NaN" && value != "-Inf");
  require(value != "+Inf" || may_be_infinite);
}

void check_text(const std::string& text) {
  std::set<std::string, std::less<>> seen;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    require(end != std::string::npos);
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (!line.starts_with('#')) check_series(seen, line);
    begin = end + 1;
  }
}

// A network namespace whose polls are made up.
class MadeNamespace {
 public:
  explicit MadeNamespace(Choices& choices)
      : choices_(choices), readings_(choices), aggregator_(readings_.rules()) {}

  void poll() {
    now_ += readings_.pause();
    if (choices_.below(8) == 1) aggregator_.set_rules(readings_.rules());
    Counted counted;
    const timewait::reading::TcpSettings settings = readings_.settings();
    aggregator_.begin(settings, readings_.ports());
    for (std::size_t left = choices_.below(8); left > 0; --left) {
      const std::vector<SocketRecord> sockets = readings_.sockets();
      aggregator_.add(sockets);
      counted.add(sockets);
    }
    if (choices_.below(16) == 1) return;  // it broke off
    publish(counted);
  }

  // What a scrape would have of it, in one of the formats.
  void render(std::size_t format) const {
    if (!state_.snapshot) return;
    const timewait::exposition::Input input{
        {{state_}, 0, {}, {}, {}}, {"1", "2", "3"}, {}, now_, wall()};
    using timewait::exposition::Format;
    if (format == 0) {
      check_text(timewait::exposition::render(input, Format::kText));
    } else if (format == 1) {
      require(timewait::exposition::render(input, Format::kOpenMetrics).ends_with("# EOF\n"));
    } else {
      require(nlohmann::json::accept(timewait::exposition::render_json(input)));
    }
  }

 private:
  std::chrono::system_clock::time_point wall() const {
    return std::chrono::system_clock::time_point(now_.time_since_epoch());
  }

  void publish(const Counted& counted) {
    auto snapshot = std::make_shared<Snapshot>(
        aggregator_.finish(readings_.counters(), {wall(), now_, "netlink"}));
    check(*snapshot, counted);
    state_.history = history_.record(*snapshot);
    require(state_.history->size() <= HistoryRecorder::kMaxPoints);
    for (const PeerCourse& course : courses_of(*state_.history)) {
      require(course.figures.size() == state_.history->size());
    }
    state_.snapshot = std::move(snapshot);
    state_.health.last_poll_succeeded = true;
    check_findings({{state_}, 0, {}, {}, {}}, now_ + readings_.pause());
  }

  void check(const Snapshot& snapshot, const Counted& counted) {
    check_ports(snapshot);
    check_limits(snapshot);
    for (const Peer& peer : snapshot.configured_peers) check_peer(peer);
    for (const Peer& peer : snapshot.discovered_peers) check_peer(peer);
    for (const Pool& pool : snapshot.pools) check_pool(pool);
    Groups groups = groups_of(snapshot);
    check_sums(snapshot, groups, counted);
    check_counters(std::exchange(groups_, groups), groups);
    const std::array addresses = {timewait::inet::kAnyIpv6, readings_.address()};
    require(aggregator_.still_used(addresses).size() <= addresses.size());
    require(aggregator_.audit_candidates().size() <= snapshot.ephemeral_ports);
  }

  Choices& choices_;
  MadeReadings readings_;
  Aggregator aggregator_;
  HistoryRecorder history_;
  NamespaceState state_;
  Groups groups_;  // of the last good poll
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const std::size_t format = choices.below(3);
  MadeNamespace made(choices);
  do {
    made.poll();
  } while (choices.are_left());
  made.render(format);
  return 0;
}

}  // namespace timewait::analysis
