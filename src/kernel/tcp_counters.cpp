#include "kernel/tcp_counters.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "kernel/proc_file.h"

namespace timewait::kernel {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view take_word(std::string_view& line) {
  const std::size_t start = line.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start);
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> to_number(std::string_view word) {
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [parsed_to, error] = std::from_chars(word.data(), end, number);
  if (error != std::errc() || parsed_to != end) return std::nullopt;
  return number;
}

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

// /proc/net/sockstat: "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1".
std::optional<std::uint64_t> find_in_sockstat(std::string_view content, std::string_view name) {
  while (!content.empty()) {
    std::string_view line = take_line(content);
    if (take_word(line) != "TCP:") continue;
    for (;;) {
      const std::string_view next_name = take_word(line);
      const std::string_view next_value = take_word(line);
      if (next_name.empty()) return std::nullopt;
      if (next_name == name) return to_number(next_value);
    }
  }
  return std::nullopt;
}

}  // namespace

reading::TcpCounters read_tcp_counters(const std::string& proc_root) {
  const std::string net = proc_root + "/thread-self/net/";
  const std::string netstat = read_proc_file(net + "netstat").value_or("");
  const std::string snmp = read_proc_file(net + "snmp").value_or("");
  const std::string sockstat = read_proc_file(net + "sockstat").value_or("");
  const CounterTable tcp_ext(netstat, "TcpExt:");
  const CounterTable tcp(snmp, "Tcp:");

  reading::TcpCounters counters;
  counters.time_wait_entered = tcp_ext.find("TW");
  counters.time_wait_reused = tcp_ext.find("TWRecycled");
  counters.time_wait_overflow = tcp_ext.find("TCPTimeWaitOverflow");
  counters.listen_overflows = tcp_ext.find("ListenOverflows");
  counters.listen_drops = tcp_ext.find("ListenDrops");
  counters.active_opens = tcp.find("ActiveOpens");
  counters.attempt_fails = tcp.find("AttemptFails");
  counters.time_wait_sockets = find_in_sockstat(sockstat, "tw");
  return counters;
}

}  // namespace timewait::kernel
