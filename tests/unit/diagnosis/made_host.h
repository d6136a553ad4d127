// A host with the sockets that a test gives it, polled as often as `timewait diagnose` does.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/aggregator.h"
#include "analysis/exporter_state.h"
#include "diagnosis/diagnosis.h"
#include "inet/port_set.h"
#include "inet/tcp_state.h"
#include "reading/socket_record.h"
#include "reading/tcp_counters.h"
#include "reading/tcp_settings.h"

namespace timewait::diagnosis {

inline constexpr std::string_view kHostAddress = "10.0.0.1";

inet::Endpoint endpoint(std::string_view address, int port);

class MadeHost {
 public:
  // Default settings of the kernel, and nothing that listens or is connected.
  MadeHost();

  // `waiting`: for accept().
  void listen(std::string_view address, int port, std::uint32_t waiting = 0,
              std::uint32_t limit = 128);
  // Merely bound.
  void bind(int first_port, int count);

  // Connections to `remote` from the next so many local ports of the range.
  void connect(inet::TcpState state, const inet::Endpoint& remote, int count,
               std::string_view from = kHostAddress);
  void connect_on_every_second_port(inet::TcpState state, const inet::Endpoint& remote, int count);
  // In TIME_WAIT, so many a second, for so many seconds until now.
  void churn(const inet::Endpoint& remote, int each_second, int seconds,
             std::string_view from = kHostAddress);
  // Accepted from clients.
  void accept(inet::TcpState state, std::string_view address, int port, int count);

  // What the last of some polls finds, which are a second apart.
  Diagnosis diagnose();

  reading::TcpSettings settings;
  inet::PortSet audited;  // found to be held by bind()
  std::string netns;
  std::string path;
  std::string source = "netlink";
  bool lists_bound_sockets = true;
  analysis::Rules rules;
  analysis::PollHealth health;
  int polls = 4;
  // From poll to poll: connections that end without TIME_WAIT, and that are opened and stay so.
  std::uint64_t overflows = 0;
  int opened = 0;
  inet::Endpoint opened_toward;

 private:
  reading::SocketRecord& add(inet::TcpState state, const inet::Endpoint& local,
                             const inet::Endpoint& remote);
  inet::Endpoint next_local(std::string_view from, const inet::Endpoint& remote);

  std::vector<reading::SocketRecord> holders_;
  std::vector<reading::SocketRecord> connections_;
  std::map<std::pair<inet::Address, inet::Endpoint>, int> used_;  // ports of each pool
  int next_client_ = 0;
  std::uint64_t next_cookie_ = 1;
};

// The one problem there is.
Problem only_problem(const Diagnosis& diagnosis);
// All that the diagnosis says, for EXPECT_THAT(..., HasSubstr()).
std::string text_of(const Diagnosis& diagnosis);
std::string text_of(const Problem& problem);
// The lines of all remedies.
std::string lines_of(const Problem& problem);

}  // namespace timewait::diagnosis
