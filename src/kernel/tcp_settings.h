// Reads the sysctls that decide which ports connect() may use. Not thread-safe.
#pragma once

#include <string>

#include "base/result.h"
#include "kernel/proc_file.h"
#include "reading/read_failure.h"
#include "reading/tcp_settings.h"

namespace timewait::kernel {

class TcpSettingsReader {
 public:
  // `proc_root` is "/proc" but in tests.
  TcpSettingsReader(const std::string& proc_root, KeepOpen keep_open);

  // Of the calling thread's network namespace: files of /proc/sys/net answer for the namespace of
  // the thread that opens them; so, if they are kept open, of the thread that made the first call.
  // Fails (kSettings) only if the port range cannot be read, without which no figure can be right;
  // whatever else a kernel lacks takes its documented default.
  base::Result<reading::TcpSettings, reading::ReadFailure> read();

 private:
  ProcFile port_range_;
  ProcFile reserved_ports_;
  ProcFile tw_reuse_;
  ProcFile tw_reuse_delay_;
  ProcFile timestamps_;
  ProcFile max_tw_buckets_;
};

}  // namespace timewait::kernel
