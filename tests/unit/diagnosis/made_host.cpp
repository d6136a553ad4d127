#include "made_host.h"

#include <gtest/gtest.h>

namespace timewait::diagnosis {

using inet::TcpState;
using reading::SocketRecord;
using std::chrono::milliseconds;
using std::chrono::seconds;

inet::Endpoint endpoint(std::string_view address, int port) {
  return {inet::Address::parse(address).value(), static_cast<std::uint16_t>(port)};
}

MadeHost::MadeHost() {
  settings.tw_reuse = 2;
  settings.max_tw_buckets = 131'072;
  settings.time_wait_slack = seconds(2);
  health.last_poll_succeeded = true;
  health.polls = 4;
}

SocketRecord& MadeHost::add(TcpState state, const inet::Endpoint& local,
                            const inet::Endpoint& remote) {
  const bool holds = state == TcpState::kListen || state == TcpState::kClose;
  std::vector<SocketRecord>& sockets = holds ? holders_ : connections_;
  SocketRecord& socket = sockets.emplace_back();
  socket.local = local;
  socket.remote = remote;
  socket.state = state;
  socket.cookie = next_cookie_++;
  return socket;
}

inet::Endpoint MadeHost::next_local(std::string_view from, const inet::Endpoint& remote) {
  const inet::Endpoint first = endpoint(from, settings.ephemeral_ports.first);
  return {first.address, static_cast<std::uint16_t>(first.port + used_[{first.address, remote}]++)};
}

void MadeHost::listen(std::string_view address, int port, std::uint32_t waiting,
                      std::uint32_t limit) {
  SocketRecord& socket = add(TcpState::kListen, endpoint(address, port), {});
  socket.accept_queue = waiting;
  socket.accept_queue_limit = limit;
}

void MadeHost::bind(int first_port, int count) {
  for (int i = 0; i < count; ++i) add(TcpState::kClose, endpoint("0.0.0.0", first_port + i), {});
}

void MadeHost::connect(TcpState state, const inet::Endpoint& remote, int count,
                       std::string_view from) {
  for (int i = 0; i < count; ++i) {
    SocketRecord& socket = add(state, next_local(from, remote), remote);
    socket.time_wait_left = reading::kTimeWaitLength - seconds(30);
  }
}

void MadeHost::connect_on_every_second_port(TcpState state, const inet::Endpoint& remote,
                                            int count) {
  for (int i = 0; i < count; ++i) {
    connect(state, remote, 1);
    next_local(kHostAddress, remote);
  }
}

void MadeHost::churn(const inet::Endpoint& remote, int each_second, int for_seconds,
                     std::string_view from) {
  for (int i = 0; i < each_second * for_seconds; ++i) {
    SocketRecord& socket = add(TcpState::kTimeWait, next_local(from, remote), remote);
    socket.time_wait_left = reading::kTimeWaitLength - seconds(i / each_second) - milliseconds(500);
  }
}

void MadeHost::accept(TcpState state, std::string_view address, int port, int count) {
  constexpr int kPortsOfAClient = 20'000;
  for (int i = 0; i < count; ++i) {
    const std::string client = "192.0.2." + std::to_string(1 + next_client_ / kPortsOfAClient);
    SocketRecord& socket = add(state, endpoint(address, port),
                               endpoint(client, 10'000 + next_client_ % kPortsOfAClient));
    socket.time_wait_left = reading::kTimeWaitLength - seconds(30);
    ++next_client_;
  }
}

Diagnosis MadeHost::diagnose() {
  analysis::Aggregator aggregator(rules);
  analysis::ExporterState state;
  reading::TcpCounters counters;
  counters.time_wait_overflow = 0;
  std::chrono::steady_clock::time_point now(std::chrono::hours(5));
  for (int poll = 0; poll < polls; ++poll) {
    aggregator.begin(settings, audited);
    aggregator.add(holders_);
    aggregator.add(connections_);
    const analysis::PollOrigin origin{.wall = {},
                                      .steady = now,
                                      .source = source,
                                      .lists_bound_sockets = lists_bound_sockets};
    state.namespaces = {
        {netns, std::make_shared<const analysis::Snapshot>(aggregator.finish(counters, origin)),
         health}};
    state.namespaces[0].path = path;
    now += seconds(1);
    *counters.time_wait_overflow += overflows;
    connect(TcpState::kEstablished, opened_toward, opened);
  }
  return diagnosis::diagnose(state, now);
}

std::string lines_of(const Problem& problem) {
  std::string text;
  for (const Remedy& remedy : problem.remedies) {
    for (const std::string& line : remedy.lines) text += "    " + line + "\n";
  }
  return text;
}

std::string text_of(const Problem& problem) {
  std::string text = problem.finding.text + "\n";
  for (const std::string& sentence : problem.evidence) text += "- " + sentence + "\n";
  text += "Why: " + problem.why + "\n";
  for (const Remedy& remedy : problem.remedies) {
    text += "* " + remedy.what + "\n  Where: " + remedy.where + "\n";
    for (const std::string& line : remedy.lines) text += "    " + line + "\n";
    text += "  Caution: " + remedy.caution + "\n";
  }
  return text;
}

Problem only_problem(const Diagnosis& diagnosis) {
  EXPECT_EQ(diagnosis.problems.size(), 1u) << text_of(diagnosis);
  return diagnosis.problems.empty() ? Problem{} : diagnosis.problems.front();
}

std::string text_of(const Diagnosis& diagnosis) {
  std::string text;
  for (const Problem& problem : diagnosis.problems) text += text_of(problem);
  for (const std::string& sentence : diagnosis.harmless) text += "harmless: " + sentence + "\n";
  for (const std::string& sentence : diagnosis.unknown) text += "unknown: " + sentence + "\n";
  return text;
}

}  // namespace timewait::diagnosis
