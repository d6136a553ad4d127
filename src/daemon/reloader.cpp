#include "daemon/reloader.h"

#include <chrono>
#include <utility>

#include "config/load.h"

namespace timewait::daemon {

Reloader::Reloader(std::optional<std::string> config_file, config::Config in_force, Apply apply,
                   WebAccess& web_access, const logging::Log& log, polling::Published& published)
    : config_file_(std::move(config_file)),
      apply_(std::move(apply)),
      web_access_(web_access),
      log_(log),
      published_(published),
      in_force_(std::move(in_force)) {}

std::vector<std::string> Reloader::reload() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> problems = reload_config();
  for (std::string& problem : web_access_.refresh()) problems.push_back(std::move(problem));

  published_.set_reload(problems.empty(), std::chrono::system_clock::now());
  return problems;
}

std::vector<std::string> Reloader::reload_config() {
  const base::Result<config::Config, config::LoadFailure> config =
      config::load_file_or_defaults(config_file_);
  if (config) {
    // Each application makes a poll at once, which nobody may have as often as they like.
    if (*config != in_force_) apply_(*config);
    in_force_ = *config;
    log_.info("configuration reloaded", {{"file", config_file_.value_or("none")}});
    return {};
  }
  logging::log_problems(log_, "configuration not reloaded; the one before stays",
                        config.error().problems);
  return config.error().problems;
}

}  // namespace timewait::daemon
