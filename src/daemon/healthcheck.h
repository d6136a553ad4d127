// --healthcheck: whether the daemon that runs with the same flags serves its clients.
#pragma once

#include "base/result.h"
#include "daemon/flags.h"

namespace timewait::daemon {

// Asks each of its addresses, for three seconds at most, or says why one does not answer. No file
// is read, so one that was spoilt meanwhile changes nothing.
base::Status<> check_health(const Flags& flags);

}  // namespace timewait::daemon
