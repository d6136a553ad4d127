// Reads the files sockstat and sockstat6 of /proc/PID/net: how many sockets a namespace has.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace timewait::kernel {

// Of a line such as "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1": protocol "TCP:", name "tw".
std::optional<std::uint64_t> find_in_sockstat(std::string_view content, std::string_view protocol,
                                              std::string_view name);

}  // namespace timewait::kernel
