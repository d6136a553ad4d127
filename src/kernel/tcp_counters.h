// Reads what the kernel itself counts about TCP.
#pragma once

#include <string>

#include "reading/tcp_counters.h"

namespace timewait::kernel {

// Of the calling thread's network namespace (/proc/thread-self/net: /proc/net would be the main
// thread's). `proc_root` is "/proc" but in tests. Whatever is not there stays absent.
reading::TcpCounters read_tcp_counters(const std::string& proc_root);

}  // namespace timewait::kernel
