#include "kernel/tcp_settings.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "kernel/timer_wheel.h"
#include "reading/socket_record.h"

namespace timewait::kernel {
namespace {

using inet::PortRange;
using reading::TcpSettings;

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
std::optional<Number> read_number(ProcFile& file) {
  ProcBuffer buffer;
  std::string_view text = file.read(buffer).value_or("");
  return take_number<Number>(text);
}

std::optional<PortRange> read_port_range(ProcFile& file) {
  ProcBuffer buffer;
  std::string_view text = file.read(buffer).value_or("");
  const std::optional<std::uint16_t> first = take_number<std::uint16_t>(text);
  const std::optional<std::uint16_t> last = take_number<std::uint16_t>(text);
  if (!first || !last || *last < *first) return std::nullopt;
  return PortRange{*first, *last};
}

// "8080,9148-9150", or an empty line.
void read_reserved_ports(ProcFile& file, inet::PortSet& ports) {
  ProcBuffer buffer;
  std::string_view text = file.read(buffer).value_or("");
  while (const std::optional<std::uint16_t> first = take_number<std::uint16_t>(text)) {
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      const std::optional<std::uint16_t> last = take_number<std::uint16_t>(text);
      if (!last || *last < *first) break;
      ports.insert(PortRange{*first, *last});
    } else {
      ports.insert(*first);
    }
    if (!text.starts_with(',')) break;
    text.remove_prefix(1);
  }
}

std::string sysctl(const std::string& proc_root, const char* name) {
  return proc_root + "/sys/net/ipv4/" + name;
}

}  // namespace

TcpSettingsReader::TcpSettingsReader(const std::string& proc_root, KeepOpen keep_open)
    : port_range_(sysctl(proc_root, "ip_local_port_range"), keep_open),
      reserved_ports_(sysctl(proc_root, "ip_local_reserved_ports"), keep_open),
      tw_reuse_(sysctl(proc_root, "tcp_tw_reuse"), keep_open),
      tw_reuse_delay_(sysctl(proc_root, "tcp_tw_reuse_delay"), keep_open),
      timestamps_(sysctl(proc_root, "tcp_timestamps"), keep_open),
      max_tw_buckets_(sysctl(proc_root, "tcp_max_tw_buckets"), keep_open) {}

base::Result<TcpSettings, reading::ReadFailure> TcpSettingsReader::read() {
  const std::optional<PortRange> range = read_port_range(port_range_);
  if (!range) {
    return reading::ReadFailure{reading::FailureReason::kSettings,
                                "cannot read a port range from " + port_range_.path()};
  }
  TcpSettings settings;
  settings.ephemeral_ports = *range;
  read_reserved_ports(reserved_ports_, settings.reserved_ports);
  settings.tw_reuse = read_number<int>(tw_reuse_);
  if (const auto delay = read_number<std::uint32_t>(tw_reuse_delay_).value_or(0); delay > 0) {
    settings.tw_reuse_delay = std::chrono::milliseconds(delay);
  }
  settings.timestamps = read_number<int>(timestamps_).value_or(1) != 0;
  settings.max_tw_buckets = read_number<std::uint64_t>(max_tw_buckets_);
  settings.time_wait_slack = std::chrono::ceil<std::chrono::milliseconds>(
      timer_slack(reading::kTimeWaitLength, tick_length()));
  return settings;
}

}  // namespace timewait::kernel
