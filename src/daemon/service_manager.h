// The service manager that has started the daemon, systemd, in its protocol: sd_notify(3). Where
// there is none (no NOTIFY_SOCKET) nothing happens. Thread-safe.
//
// Not by libsystemd's sd_notify(), which waits for ever for a manager that does not read: it would
// take the polls with it. Here a message is lost after a second, and a status is sent again.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace timewait::daemon {

class ServiceManager {
 public:
  using Clock = std::chrono::steady_clock;

  // As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say.
  ServiceManager();

  // Kills the daemon if alive() was not called for so long; nothing if it has no watchdog.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  // The daemon serves: at the end of the start, and of each reload.
  void ready();
  // A reload begins, until ready().
  void reloading();
  void stopping();

  // The daemon goes on at `now`: to be called at least three times in watchdog(), or every 10 s
  // without one. Before the first ready() it makes the manager wait on. Sent no more often than
  // that is of use.
  void alive(Clock::time_point now);

  // What the daemon is at, for people. Sent if it is other than the last.
  void set_status(std::string_view status);

 private:
  bool send(const std::string& message);

  base::UniqueFd socket_;  // connected; invalid without a manager
  std::optional<std::chrono::microseconds> watchdog_;
  std::mutex mutex_;
  bool started_ = false;        // guarded by mutex_, as all below
  Clock::time_point alive_at_;  // as the manager knows
  std::string status_;          // as the manager knows
};

}  // namespace timewait::daemon
