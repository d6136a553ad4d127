#include "kernel/tcp_settings.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "kernel/proc_file.h"
#include "kernel/timer_wheel.h"
#include "reading/socket_record.h"

namespace timewait::kernel {
namespace {

using inet::PortRange;
using reading::TcpSettings;

// Longest possible list of reserved ports: every second of 65,536 ports, six characters each.
constexpr std::size_t kReservedPortsCapacity = 256 * 1024;

// Takes a decimal number off the front of `text`, after white space.
template <typename Number>
std::optional<Number> take_number(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(" \t\n");
  if (start == std::string_view::npos) return std::nullopt;
  Number number{};
  const auto [end, error] = std::from_chars(text.data() + start, text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

template <typename Number>
std::optional<Number> read_number(const std::string& path) {
  const std::optional<std::string> content = read_proc_file(path);
  if (!content) return std::nullopt;
  std::string_view text = *content;
  return take_number<Number>(text);
}

std::optional<PortRange> read_port_range(const std::string& path) {
  const std::optional<std::string> content = read_proc_file(path);
  if (!content) return std::nullopt;
  std::string_view text = *content;
  const std::optional<std::uint16_t> first = take_number<std::uint16_t>(text);
  const std::optional<std::uint16_t> last = take_number<std::uint16_t>(text);
  if (!first || !last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

// "8080,9148-9150", or an empty line.
inet::PortSet read_reserved_ports(const std::string& path) {
  inet::PortSet ports;
  const std::optional<std::string> content = read_proc_file(path, kReservedPortsCapacity);
  std::string_view text = content ? std::string_view(*content) : std::string_view();
  while (const std::optional<std::uint16_t> first = take_number<std::uint16_t>(text)) {
    std::optional<std::uint16_t> last = first;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      last = take_number<std::uint16_t>(text);
    }
    if (!last || *last < *first) break;
    ports.insert(PortRange{*first, *last});
    if (!text.starts_with(',')) break;
    text.remove_prefix(1);
  }
  return ports;
}

}  // namespace

base::Result<TcpSettings, reading::ReadFailure> read_tcp_settings(const std::string& proc_root) {
  const std::string sysctl = proc_root + "/sys/net/ipv4/";
  TcpSettings settings;

  const std::optional<PortRange> range = read_port_range(sysctl + "ip_local_port_range");
  if (!range) {
    return reading::ReadFailure{reading::FailureReason::kSettings,
                                "cannot read a port range from " + sysctl + "ip_local_port_range"};
  }
  settings.ephemeral_ports = *range;
  settings.reserved_ports = read_reserved_ports(sysctl + "ip_local_reserved_ports");
  settings.tw_reuse = read_number<int>(sysctl + "tcp_tw_reuse");
  if (const auto delay = read_number<std::uint32_t>(sysctl + "tcp_tw_reuse_delay")) {
    settings.tw_reuse_delay = std::chrono::milliseconds(*delay);
  }
  settings.timestamps = read_number<int>(sysctl + "tcp_timestamps").value_or(1) != 0;
  settings.max_tw_buckets = read_number<std::uint64_t>(sysctl + "tcp_max_tw_buckets");
  settings.time_wait_slack = std::chrono::ceil<std::chrono::milliseconds>(
      timer_slack(reading::kTimeWaitLength, tick_length()));
  return settings;
}

}  // namespace timewait::kernel
