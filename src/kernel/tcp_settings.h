// Reads the sysctls that decide which ports connect() may use.
#pragma once

#include <string>

#include "base/result.h"
#include "reading/read_failure.h"
#include "reading/tcp_settings.h"

namespace timewait::kernel {

// Of the calling thread's network namespace: files of /proc/sys/net answer for the namespace of the
// thread that opens them. `proc_root` is "/proc" but in tests. Fails (kSettings) only if the port
// range cannot be read, without which no figure can be right; whatever else a kernel lacks takes
// its documented default.
base::Result<reading::TcpSettings, reading::ReadFailure> read_tcp_settings(
    const std::string& proc_root);

}  // namespace timewait::kernel
