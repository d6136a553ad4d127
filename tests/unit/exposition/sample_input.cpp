#include "sample_input.h"

#include <chrono>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "inet/address.h"

namespace timewait::exposition {
namespace {

using analysis::Headroom;
using analysis::Listener;
using analysis::Peer;
using analysis::Pool;
using analysis::Snapshot;
using analysis::SocketGroup;
using inet::TcpState;

constexpr std::chrono::steady_clock::time_point kPolledAt{std::chrono::milliseconds(997'500)};

SocketGroup group_of(std::initializer_list<std::pair<TcpState, std::uint32_t>> sockets,
                     std::uint64_t time_wait_entered) {
  SocketGroup group;
  for (const auto& [state, count] : sockets) {
    group.sockets[state] = count;
    group.states_seen.set(inet::index_of(state));
  }
  group.time_wait_entered = time_wait_entered;
  return group;
}

Peer peer_of(std::string name, SocketGroup group, Headroom headroom,
             double exhaustion_seconds = std::numeric_limits<double>::infinity()) {
  Peer peer;
  peer.name = std::move(name);
  peer.group = group;
  peer.headroom = headroom;
  peer.exhaustion_seconds = exhaustion_seconds;
  return peer;
}

Listener listener_of(std::string name, SocketGroup group, std::uint32_t queue,
                     std::uint32_t queue_limit) {
  Listener listener;
  listener.name = std::move(name);
  listener.group = group;
  listener.accept_queue = queue;
  listener.accept_queue_limit = queue_limit;
  return listener;
}

Listener own_listener() {
  Listener listener = listener_of("*:10048", group_of({{TcpState::kTimeWait, 2}}, 5), 0, 512);
  listener.exporter = true;
  return listener;
}

analysis::PoolKey pool_key(std::string_view remote, std::uint16_t port) {
  return {inet::Address::parse("127.0.0.1").value(), {inet::Address::parse(remote).value(), port}};
}

Pool pool_of(std::string peer, analysis::PoolKey key, Headroom headroom) {
  Pool pool;
  pool.key = key;
  pool.peer = std::move(peer);
  pool.headroom = headroom;
  pool.sustainable_rate = 470.5333333;
  pool.exhaustion_seconds = std::numeric_limits<double>::infinity();
  return pool;
}

// Two pools that are watched: the tightest of the first peer, and one of what is folded.
void add_pools(Snapshot& snapshot) {
  Peer& tomcat = snapshot.configured_peers[0];
  tomcat.pools = 2;
  tomcat.tightest = pool_key("127.0.0.1", 8080);
  tomcat.arrival_rate = 12.34567;
  tomcat.sustainable_rate = 28'200;
  Pool tightest = pool_of("tomcat", *tomcat.tightest, tomcat.headroom);
  tightest.sockets[TcpState::kEstablished] = 150;
  tightest.sockets[TcpState::kTimeWait] = 8'400;
  tightest.arrival_rate = *tomcat.arrival_rate;
  tightest.sustainable_rate = *tomcat.sustainable_rate;
  tightest.exhaustion_seconds = tomcat.exhaustion_seconds;
  tightest.time_wait_ages.entered[0] = 8'390;
  tightest.time_wait_ages.entered[59] = 3;
  tightest.time_wait_ages.overdue = 7;
  Pool folded = pool_of("other", pool_key("2001:db8::99", 443), {28'200, 1, 0, 14'099});
  folded.key.zone = 2;
  folded.sockets[TcpState::kLastAck] = 1;
  snapshot.pools = {tightest, folded};
}

Input input_of(std::shared_ptr<const Snapshot> snapshot) {
  Input input;
  input.now = std::chrono::steady_clock::time_point(std::chrono::seconds(1'000));
  input.written_at =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'003'602'625));
  input.state.namespaces.push_back({"", std::move(snapshot), {}});
  input.state.spacing = {std::chrono::seconds(5), std::chrono::milliseconds(7'500)};
  input.state.config.last_success =
      std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'001));
  input.build = {"0.1.0", "2f1c0de", "g++ 12.2.0"};
  input.process.cpu_seconds = 1.37;
  input.process.resident_memory_bytes = 7'340'032;
  input.process.virtual_memory_bytes = 92'274'688;
  input.process.open_fds = 11;
  input.process.max_fds = 1024;
  input.process.start_time_seconds = 1'700'000'000.25;
  return input;
}

// A namespace beside the exporter's own.
analysis::NamespaceState container() {
  Snapshot snapshot;
  snapshot.taken_at = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'003'600));
  snapshot.forecast_from = kPolledAt;
  snapshot.source = "procfs";
  snapshot.sockets_read = 3;
  snapshot.ephemeral_ports = 1'000;
  snapshot.configured_peers = {
      peer_of("db", group_of({{TcpState::kEstablished, 3}}, 0), {1'000, 3, 0, 498}, 60)};
  analysis::NamespaceState state{"app", std::make_shared<const Snapshot>(std::move(snapshot)), {}};
  state.history = analysis::HistoryRecorder().record(*state.snapshot);
  state.health.last_poll_succeeded = true;
  state.health.polls = 7;
  return state;
}

}  // namespace

Snapshot sample_snapshot() {
  Snapshot snapshot;
  snapshot.taken_at =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'003'600'125));
  snapshot.forecast_from = kPolledAt;
  snapshot.source = "netlink";
  snapshot.lists_bound_sockets = true;
  snapshot.sockets_read = 9'321;
  snapshot.ephemeral_ports = 28'232;
  snapshot.ephemeral_ports_reserved = 20;
  snapshot.ephemeral_ports_bound = 12;
  snapshot.time_wait_sockets = 8'650;
  snapshot.settings.tw_reuse = 2;
  snapshot.settings.tw_reuse_delay = std::chrono::milliseconds(500);
  snapshot.settings.max_tw_buckets = 131'072;
  snapshot.counters.time_wait_entered = 4'812'345;
  snapshot.counters.time_wait_reused = 1'201;
  snapshot.counters.time_wait_overflow = 3;
  snapshot.counters.listen_overflows = 7;
  snapshot.counters.listen_drops = 9;
  snapshot.counters.active_opens = 5'000'123;
  snapshot.counters.attempt_fails = 456;

  snapshot.configured_peers = {
      peer_of("tomcat",
              group_of({{TcpState::kEstablished, 150},
                        {TcpState::kTimeWait, 8'400},
                        {TcpState::kCloseWait, 0}},
                       4'321'000),
              {28'200, 8'550, 8'120, 14'000}, 1234.5),
      peer_of("db", {}, {28'200, 0, 0, 14'106}),
  };
  snapshot.discovered_peers = {
      peer_of(
          "[2001:db8::7]:443",
          group_of({{TcpState::kSynSent, 2}, {TcpState::kEstablished, 3}, {TcpState::kTimeWait, 4}},
                   18),
          {28'200, 9, 0, 14'102}),
  };
  snapshot.max_discovered_peers = 1;
  snapshot.other = group_of(
      {{TcpState::kEstablished, 40}, {TcpState::kTimeWait, 20}, {TcpState::kLastAck, 1}}, 77);
  snapshot.listeners = {
      listener_of("nginx",
                  group_of({{TcpState::kEstablished, 412},
                            {TcpState::kTimeWait, 90},
                            {TcpState::kSynRecv, 5},
                            {TcpState::kFinWait1, 1},
                            {TcpState::kFinWait2, 6},
                            {TcpState::kClosing, 0}},
                           90'210),
                  3, 511),
      own_listener(),
      listener_of("*:22", group_of({{TcpState::kEstablished, 1}}, 0), 0, 128),
  };
  snapshot.listeners[0].unreserved_ephemeral_ports = {40'000, 50'000};
  add_pools(snapshot);
  return snapshot;
}

// Of five seconds ago, with another peer; and of the last poll.
std::shared_ptr<const analysis::History> sample_history() {
  analysis::HistoryRecorder recorder;
  Snapshot before = sample_snapshot();
  before.forecast_from -= std::chrono::seconds(5);
  before.time_wait_sockets = 8'123;
  before.discovered_peers = {peer_of("192.0.2.1:80", {}, {28'200, 14'100, 0, 0})};
  recorder.record(before);
  return recorder.record(sample_snapshot());
}

Input input_with(Snapshot snapshot) {
  Input input = input_of(std::make_shared<const Snapshot>(std::move(snapshot)));
  analysis::PollHealth& health = input.state.namespaces[0].health;
  health.last_poll_succeeded = true;
  health.polls = 720;
  health.audit = analysis::AuditHealth{true, 2048};
  health.errors[static_cast<std::size_t>(reading::FailureReason::kInterrupted)] = 2;
  for (const double seconds : {0.0005, 0.001, 0.0625, 0.5, 40.0}) {
    health.duration.observe(std::chrono::duration<double>(seconds));
  }
  return input;
}

Input input_with_all() {
  Input input = input_with(sample_snapshot());
  input.state.namespaces[0].history = sample_history();
  input.state.namespaces.push_back(container());
  input.state.namespaces_left_out = 2;
  input.state.hosts = {{"orders.example.internal", true, 2}, {"gone.example.internal", false, 0}};
  return input;
}

Input input_before_first_poll() { return input_of(nullptr); }

}  // namespace timewait::exposition
