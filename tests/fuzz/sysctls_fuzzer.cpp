// What the small files of /proc say is read, or taken for absent, whatever stands in them. An input
// is the text of each file in turn, with a NUL byte between.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "kernel/namespace_name.h"
#include "kernel/process_stats.h"
#include "kernel/sockstat.h"
#include "kernel/tcp_counters.h"
#include "kernel/tcp_settings.h"
#include "kernel/timer_wheel.h"
#include "kernel/words.h"
#include "require.h"

namespace timewait::kernel {
namespace {
using timewait::reading::FailureReason;
using timewait::reading::TcpCounters;
using timewait::reading::TcpSettings;

// What an input takes up to the next NUL.
std::string_view take_text(std::string_view& input) {
  const std::size_t end = input.find('\0');
  const std::string_view text = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return text;
}

// A /proc of files that stay, so that who keeps them open reads what is written next.
class ProcFiles {
 public:
  ProcFiles() : root_(memory() / "fuzzed-proc.XXXXXX") {
    require(::mkdtemp(root_.data()) != nullptr);
    for (const char* const name : kNames) {
      std::filesystem::create_directories(path(name).parent_path());
      write(name, "");
    }
  }
  ~ProcFiles() { std::filesystem::remove_all(root_); }
  ProcFiles(const ProcFiles&) = delete;
  ProcFiles& operator=(const ProcFiles&) = delete;

  const std::string& root() const { return root_; }

  void fill(std::string_view& input) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const std::string_view text = take_text(input);
      if (contents_[i] == text) continue;
      contents_[i] = text;
      write(kNames[i], contents_[i]);
    }
  }

 private:
  static constexpr std::array kNames = {"sys/net/ipv4/ip_local_port_range",
                                        "sys/net/ipv4/ip_local_reserved_ports",
                                        "sys/net/ipv4/tcp_tw_reuse",
                                        "sys/net/ipv4/tcp_tw_reuse_delay",
                                        "sys/net/ipv4/tcp_timestamps",
                                        "sys/net/ipv4/tcp_max_tw_buckets",
                                        "thread-self/net/netstat",
                                        "thread-self/net/snmp",
                                        "thread-self/net/sockstat",
                                        "stat",
                                        "self/stat"};

  // Where files are on no disk, if there is such a place.
  static std::filesystem::path memory() {
    const std::filesystem::path shared = "/dev/shm";
    return std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
  }

  std::filesystem::path path(const char* name) const { return std::filesystem::path(root_) / name; }
  void write(const char* name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }

  std::string root_;
  std::array<std::string, kNames.size()> contents_;
};

using SettingsResult = timewait::base::Result<TcpSettings, timewait::reading::ReadFailure>;

void check_settings(const SettingsResult& read, const SettingsResult& read_again) {
  require(read.ok() == read_again.ok());
  if (!read) {
    require(read.error().reason == FailureReason::kSettings && !read.error().message.empty());
    return;
  }
  require(read->ephemeral_ports.first <= read->ephemeral_ports.last);
  require(read->tw_reuse_delay.count() > 0);
  require(read->time_wait_slack.count() > 0);
  require(read->ephemeral_ports == read_again->ephemeral_ports);
  require(read->reserved_ports.size() == read_again->reserved_ports.size());
  require(read->tw_reuse == read_again->tw_reuse);
  require(read->tw_reuse_delay == read_again->tw_reuse_delay);
  require(read->timestamps == read_again->timestamps);
  require(read->max_tw_buckets == read_again->max_tw_buckets);
}

void check_counters(const TcpCounters& read, const TcpCounters& read_again) {
  require(read.time_wait_entered == read_again.time_wait_entered);
  require(read.time_wait_overflow == read_again.time_wait_overflow);
  require(read.listen_drops == read_again.listen_drops);
  require(read.attempt_fails == read_again.attempt_fails);
  require(read.time_wait_sockets == read_again.time_wait_sockets);
}

void check_process(const timewait::reading::ProcessStats& stats) {
  require(std::isfinite(stats.cpu_seconds) && stats.cpu_seconds >= 0);
  require(std::isfinite(stats.start_time_seconds) && stats.start_time_seconds >= 0);
}

void check_names(std::string_view cgroup) {
  const auto wanted = name_from_cgroup(cgroup);
  if (!wanted) return;
  require(!wanted->empty() && cgroup.find(*wanted) != std::string_view::npos);
  require(wanted->find_first_of("/\n") == std::string::npos);
  UniqueNames names({});
  const std::string first = names.give(*wanted, UINT64_MAX);
  const std::string second = names.give(*wanted, UINT64_MAX);
  require(first != second);
  for (const std::string& name : {first, second}) {
    require(!name.empty() && name.size() <= kMaxNamespaceNameBytes);
    require(std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

void check_timer(std::uint64_t length_ms, std::uint64_t tick_ns) {
  constexpr std::uint64_t kDayMs = 24 * 60 * 60 * 1000;
  constexpr std::uint64_t kSlowestTickNs = 10'000'000;  // HZ=100
  const std::chrono::milliseconds length(length_ms % kDayMs);
  const std::chrono::nanoseconds tick(1 + tick_ns % kSlowestTickNs);
  require(timer_slack(length, tick) >= tick);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ProcFiles proc;
  static TcpSettingsReader kept_settings(proc.root(), KeepOpen::kYes);
  static TcpCountersReader kept_counters(proc.root(), KeepOpen::kYes);

  std::string_view input(reinterpret_cast<const char*>(data), size);
  proc.fill(input);
  check_settings(TcpSettingsReader(proc.root(), KeepOpen::kNo).read(), kept_settings.read());
  check_counters(TcpCountersReader(proc.root(), KeepOpen::kNo).read(), kept_counters.read());
  check_process(read_process_stats(proc.root()));
  check_names(take_text(input));
  const std::uint64_t length_ms = to_number(take_text(input)).value_or(60'000);
  check_timer(length_ms, to_number(take_text(input)).value_or(4'000'000));
  find_in_sockstat(input, "TCP6:", "inuse");
  return 0;
}

}  // namespace timewait::kernel
