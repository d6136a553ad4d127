// Parts of lines to be typed as they are. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "inet/endpoint.h"
#include "inet/port_set.h"

namespace timewait::diagnosis {

// Behind what lists sockets with their programs: counts these.
inline constexpr char kByProgram[] =
    R"( | grep -o 'users:(("[^"]*",pid=[0-9]*' | sort | uniq -c | sort -rn)";

// The programs that hold the sockets of one state, and how many each. `filter`: as ss takes it; may
// be empty.
std::string ss_by_program(std::string_view state, const std::string& filter);

// Filters of ss: connections to an endpoint; of those that listen on the ports, one at least.
std::string toward(const inet::Endpoint& remote);
std::string on_ports(std::span<const std::uint16_t> ports);

// As ip_local_reserved_ports takes it: "8080,9000-9002".
std::string list_of(const inet::PortSet& ports);

}  // namespace timewait::diagnosis
