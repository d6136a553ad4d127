#include "recordings.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <linux/inet_diag.h>

#include "base/byte_reader.h"
#include "config/load.h"
#include "kernel/inet_diag_decoder.h"
#include "kernel/tcp_counters.h"
#include "kernel/tcp_settings.h"
#include "polling/poller.h"
#include "reading/source.h"

namespace timewait::report {
namespace {

// As record.py asks for it.
constexpr kernel::DumpIdentity kIdentity{1, 1, TCPDIAG_GETSOCK};
// Of the machine on which it was recorded (HZ=250), whatever this one's is.
constexpr std::chrono::milliseconds kTimeWaitSlack{2048};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string folder_of(const std::string& recording) {
  return std::string(TIMEWAIT_RECORDINGS_DIR) + "/" + recording;
}

class RecordedSource : public reading::Source {
 public:
  explicit RecordedSource(const std::string& folder)
      : dump_(read_file(folder + "/dump")),
        settings_(folder + "/proc", kernel::KeepOpen::kNo),
        counters_(folder + "/proc", kernel::KeepOpen::kNo) {}

  std::string_view name() const override { return "netlink"; }
  bool lists_bound_sockets() const override { return true; }

  base::Result<reading::TcpSettings, reading::ReadFailure> read_settings() override {
    auto settings = settings_.read();
    if (settings) settings->time_wait_slack = kTimeWaitSlack;
    return settings;
  }

  base::Status<reading::ReadFailure> read_sockets(const reading::SocketSink& sink) override {
    auto left = std::as_bytes(std::span(dump_));
    while (!left.empty()) {
      std::uint32_t size = 0;
      std::memcpy(&size, left.data(), sizeof(size));
      std::vector<reading::SocketRecord> sockets;
      const auto progress =
          kernel::decode_datagram(left.subspan(sizeof(size), size), kIdentity, sockets);
      if (!progress) return progress.error().failure;
      if (!sockets.empty()) sink(sockets);
      left = left.subspan(sizeof(size) + size);
    }
    return base::Ok{};
  }

  reading::TcpCounters read_counters() override { return counters_.read(); }

 private:
  std::string dump_;
  kernel::TcpSettingsReader settings_;
  kernel::TcpCountersReader counters_;
};

analysis::Rules rules_of(const std::string& folder) {
  analysis::Rules rules;
  if (!std::ifstream(folder + "/config.yml")) return rules;
  const auto config = config::load_file(folder + "/config.yml");
  if (!config) throw std::runtime_error(config.error().problems.front());
  rules.peers = config->peers;
  rules.listeners = config->listeners;
  rules.max_discovered_peers = config->max_peers;
  return rules;
}

}  // namespace

const std::vector<std::string>& recordings() {
  static const std::vector<std::string> kRecordings = {"nothing", "running_out", "busy",
                                                       "listeners"};
  return kRecordings;
}

analysis::NamespaceState recorded(const std::string& recording, const std::string& netns) {
  const std::string folder = folder_of(recording);
  polling::Poller poller(std::make_unique<RecordedSource>(folder), rules_of(folder), std::nullopt);
  auto snapshot = poller.poll();
  if (!snapshot) throw std::runtime_error(snapshot.error().message);
  analysis::NamespaceState state{netns, *snapshot, {}};
  state.health.last_poll_succeeded = true;
  state.health.polls = 1;
  return state;
}

analysis::ExporterState state_of(std::vector<analysis::NamespaceState> namespaces) {
  analysis::ExporterState state;
  state.namespaces = std::move(namespaces);
  state.spacing = {std::chrono::seconds(5), std::chrono::seconds(5)};
  return state;
}

std::chrono::steady_clock::time_point after(const analysis::NamespaceState& state,
                                            std::chrono::milliseconds passed) {
  return state.snapshot->forecast_from + passed;
}

}  // namespace timewait::report
