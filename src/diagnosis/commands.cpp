#include "diagnosis/commands.h"

namespace timewait::diagnosis {

std::string ss_by_program(std::string_view state, const std::string& filter) {
  const std::string separator = filter.empty() ? "" : " ";
  return "ss -Htnp state " + std::string(state) + separator + filter + kByProgram;
}

std::string toward(const inet::Endpoint& remote) { return "dst " + remote.to_string(); }

std::string on_ports(std::span<const std::uint16_t> ports) {
  std::string filter;
  for (const std::uint16_t port : ports) {
    filter += (filter.empty() ? "sport = :" : " or sport = :") + std::to_string(port);
  }
  return "'( " + filter + " )'";
}

std::string list_of(const inet::PortSet& ports) {
  constexpr std::uint32_t kPorts = 65'536;
  const auto contains = [&](std::uint32_t port) {
    return port < kPorts && ports.contains(static_cast<std::uint16_t>(port));
  };
  std::string list;
  for (std::uint32_t first = 0; first < kPorts; ++first) {
    if (!contains(first)) continue;
    std::uint32_t last = first;
    while (contains(last + 1)) ++last;
    list += (list.empty() ? "" : ",") + std::to_string(first);
    if (last > first) list += "-" + std::to_string(last);
    first = last;
  }
  return list;
}

}  // namespace timewait::diagnosis
