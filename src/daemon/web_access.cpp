#include "daemon/web_access.h"

#include <utility>

namespace timewait::daemon {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

std::shared_ptr<const web::Access> to_access(config::WebConfig&& config) {
  auto access = std::make_shared<web::Access>();
  access->tls = std::move(config.tls);
  access->users = {config.users.begin(), config.users.end()};
  access->headers = std::move(config.headers);
  if (config.rate_limit) {
    access->rate_limit = {config.rate_limit->interval, config.rate_limit->burst};
  }
  return access;
}

}  // namespace

base::Result<std::unique_ptr<WebAccess>, config::LoadFailure> WebAccess::open(
    std::optional<std::string> file, const Log& log, Published& published) {
  config::WebConfigLoad loaded{config::WebConfig{}, {}};
  if (file) loaded = config::load_web_config(*file);
  if (!loaded.config) return loaded.config.error();
  return std::unique_ptr<WebAccess>(
      new WebAccess(std::move(file), log, published, std::move(loaded)));
}

WebAccess::WebAccess(std::optional<std::string> file, const Log& log, Published& published,
                     config::WebConfigLoad loaded)
    : file_(std::move(file)),
      log_(log),
      published_(published),
      access_(to_access(*std::move(loaded.config))) {
  files_.look(loaded.files);
}

std::shared_ptr<const web::Access> WebAccess::current() {
  const std::lock_guard lock(mutex_);
  if (file_ && Clock::now() >= next_look_) load_if_changed();
  return access_;
}

std::vector<std::string> WebAccess::refresh() {
  const std::lock_guard lock(mutex_);
  if (file_) load_if_changed();
  return problems_;
}

void WebAccess::load_if_changed() {
  next_look_ = Clock::now() + kLookEvery;
  if (!files_.may_have_changed()) return;
  config::WebConfigLoad loaded = config::load_web_config(*file_);
  FileStates files;
  files.look(loaded.files);
  std::vector<std::string> problems = take(loaded);
  const bool news = !(files == files_) || problems != problems_;
  files_ = std::move(files);
  problems_ = std::move(problems);
  if (!news) return;
  published_.set_web_config_is_in_force(problems_.empty());
  if (problems_.empty()) log_.info("web configuration reloaded", {{"file", *file_}});
  for (const std::string& problem : problems_) {
    log_.error("web configuration not reloaded; the one before stays", {{"problem", problem}});
  }
}

// Puts it in force, or says why not.
std::vector<std::string> WebAccess::take(config::WebConfigLoad& loaded) {
  if (!loaded.config) return loaded.config.error().problems;
  std::shared_ptr<const web::Access> access = to_access(*std::move(loaded.config));
  if ((access->tls == nullptr) != (access_->tls == nullptr)) {
    return {*file_ + ": tls_server_config: TLS is turned on and off by a restart only"};
  }
  access_ = std::move(access);
  return {};
}

}  // namespace timewait::daemon
