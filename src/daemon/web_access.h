// The web configuration in force: read from --web.config.file, and read anew when that file, or one
// that it names, has changed. With a problem in them nothing changes: what was in force stays.
// Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/web_config.h"
#include "daemon/file_states.h"
#include "logging/log.h"
#include "polling/published.h"
#include "web/access.h"

namespace timewait::daemon {

class WebAccess {
 public:
  // Without a file everybody may do everything, over plain HTTP. `log` and `published`, which is
  // told whether the files are in force, outlive the object.
  static base::Result<std::unique_ptr<WebAccess>, config::LoadFailure> open(
      std::optional<std::string> file, const logging::Log& log, polling::Published& published);

  // What is in force. Looks for changes once a second at most, and logs what comes of them.
  std::shared_ptr<const web::Access> current();

  // Reads the files now. The problems that keep them from being in force; none if they are.
  std::vector<std::string> refresh();

 private:
  using Clock = std::chrono::steady_clock;

  // What was read, and the state of the files before and after, which was the same.
  struct Reading {
    config::WebConfigLoad loaded;
    FileStates files;
  };

  WebAccess(std::optional<std::string> file, const logging::Log& log, polling::Published& published,
            Reading reading);

  static Reading read(const std::string& file);
  bool is_time_to_read() const;
  void reread();
  std::vector<std::string> take(config::WebConfigLoad& loaded);

  const std::optional<std::string> file_;
  const logging::Log& log_;
  polling::Published& published_;
  std::mutex mutex_;
  std::shared_ptr<const web::Access> access_;  // guarded by mutex_, as is all below
  std::vector<std::string> problems_;          // of the files as they were at the last look
  FileStates files_;
  Clock::time_point next_look_;
  Clock::time_point
      next_try_;  // where the last reading had problems, which may be over by themselves
};

}  // namespace timewait::daemon
