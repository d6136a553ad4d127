// Takes over changed configuration files while the daemon runs: on SIGHUP, or when a client asks.
// Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "daemon/web_access.h"
#include "logging/log.h"
#include "polling/published.h"

namespace timewait::daemon {

class Reloader {
 public:
  // Without a file every default holds. `apply` puts a configuration other than that in force in
  // its place, and returns when it has; never called twice at once. All that is referred to
  // outlives the object.
  using Apply = std::function<void(const config::Config&)>;
  Reloader(std::optional<std::string> config_file, config::Config in_force, Apply apply,
           WebAccess& web_access, const logging::Log& log, polling::Published& published);

  // Each of the two files is taken whole or not at all: with a problem in it, what was in force
  // stays. Logs and publishes what came of it. The problems; none if both files are in force.
  std::vector<std::string> reload();

 private:
  std::vector<std::string> reload_config();

  const std::optional<std::string> config_file_;
  const Apply apply_;
  WebAccess& web_access_;
  const logging::Log& log_;
  polling::Published& published_;
  std::mutex mutex_;         // one reload at a time
  config::Config in_force_;  // guarded by mutex_
};

}  // namespace timewait::daemon
