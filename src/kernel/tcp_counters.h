// Reads what the kernel itself counts about TCP. Not thread-safe.
#pragma once

#include <string>

#include "kernel/proc_file.h"
#include "reading/tcp_counters.h"

namespace timewait::kernel {

class TcpCountersReader {
 public:
  // `proc_root` is "/proc" but in tests.
  TcpCountersReader(const std::string& proc_root, KeepOpen keep_open);

  // Of the calling thread's network namespace (/proc/thread-self/net: /proc/net would be the main
  // thread's); if the files are kept open, of the thread that made the first call. Whatever is not
  // there stays absent.
  reading::TcpCounters read();

 private:
  ProcFile netstat_;
  ProcFile snmp_;
  ProcFile sockstat_;
};

}  // namespace timewait::kernel
