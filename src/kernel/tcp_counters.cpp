#include "kernel/tcp_counters.h"

#include <optional>
#include <string_view>

#include "kernel/sockstat.h"
#include "kernel/words.h"

namespace timewait::kernel {
namespace {

// /proc/net/netstat and snmp: pairs of lines, "TcpExt: NAME NAME ..." and "TcpExt: VALUE VALUE
// ...".
class CounterTable {
 public:
  CounterTable(std::string_view content, std::string_view prefix) {
    while (!content.empty()) {
      std::string_view line = take_line(content);
      if (take_word(line) != prefix) continue;
      names_ = line;
      values_ = take_line(content);
      if (take_word(values_) != prefix) names_ = values_ = {};
      return;
    }
  }

  std::optional<std::uint64_t> find(std::string_view name) const {
    std::string_view names = names_;
    std::string_view values = values_;
    for (;;) {
      const std::string_view next_name = take_word(names);
      const std::string_view next_value = take_word(values);
      if (next_name.empty() || next_value.empty()) return std::nullopt;
      if (next_name == name) return to_number(next_value);
    }
  }

 private:
  std::string_view names_;
  std::string_view values_;
};

}  // namespace

TcpCountersReader::TcpCountersReader(const std::string& proc_root, KeepOpen keep_open)
    : netstat_(proc_root + "/thread-self/net/netstat", keep_open),
      snmp_(proc_root + "/thread-self/net/snmp", keep_open),
      sockstat_(proc_root + "/thread-self/net/sockstat", keep_open) {}

reading::TcpCounters TcpCountersReader::read() {
  ProcBuffer buffer;
  reading::TcpCounters counters;

  const CounterTable tcp_ext(netstat_.read(buffer).value_or(""), "TcpExt:");
  counters.time_wait_entered = tcp_ext.find("TW");
  counters.time_wait_reused = tcp_ext.find("TWRecycled");
  counters.time_wait_overflow = tcp_ext.find("TCPTimeWaitOverflow");
  counters.listen_overflows = tcp_ext.find("ListenOverflows");
  counters.listen_drops = tcp_ext.find("ListenDrops");

  const CounterTable tcp(snmp_.read(buffer).value_or(""), "Tcp:");
  counters.active_opens = tcp.find("ActiveOpens");
  counters.attempt_fails = tcp.find("AttemptFails");

  counters.time_wait_sockets = find_in_sockstat(sockstat_.read(buffer).value_or(""), "TCP:", "tw");
  return counters;
}

}  // namespace timewait::kernel
