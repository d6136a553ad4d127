#include "daemon/web_access.h"

#include <utility>

#include <malloc.h>

#include "tls/server_context.h"

namespace timewait::daemon {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kTryAgainAfter{10};
constexpr int kMaxReadings = 5;  // until the files stand still

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
    std::optional<std::string> file, const logging::Log& log, polling::Published& published) {
  Reading reading{{config::WebConfig{}, {}}, {}};
  if (file) reading = read(*file);
  if (!reading.loaded.config) return reading.loaded.config.error();
  return std::unique_ptr<WebAccess>(
      new WebAccess(std::move(file), log, published, std::move(reading)));
}

WebAccess::WebAccess(std::optional<std::string> file, const logging::Log& log,
                     polling::Published& published, Reading reading)
    : file_(std::move(file)),
      log_(log),
      published_(published),
      access_(to_access(*std::move(reading.loaded.config))),
      files_(std::move(reading.files)) {}

// A file that changes while it is read, or between two that belong together, has another state
// afterwards.
WebAccess::Reading WebAccess::read(const std::string& file) {
  Reading reading{config::load_web_config(file), {}};
  for (int readings = 1; readings < kMaxReadings; ++readings) {
    reading.files.look(reading.loaded.files);
    reading.loaded = config::load_web_config(file);
    FileStates after;
    after.look(reading.loaded.files);
    if (after == reading.files) break;
  }
  return reading;
}

std::shared_ptr<const web::Access> WebAccess::current() {
  const std::lock_guard lock(mutex_);
  if (is_time_to_read()) reread();
  return access_;
}

std::vector<std::string> WebAccess::refresh() {
  const std::lock_guard lock(mutex_);
  if (file_) reread();
  return problems_;
}

bool WebAccess::is_time_to_read() const {
  const Clock::time_point now = Clock::now();
  if (!file_ || now < next_look_) return false;
  return files_.may_have_changed() || (!problems_.empty() && now >= next_try_);
}

void WebAccess::reread() {
  Reading reading = read(*file_);
  std::vector<std::string> problems = take(reading.loaded);
  const bool news = !(reading.files == files_) || problems != problems_;
  files_ = std::move(reading.files);
  problems_ = std::move(problems);
  next_look_ = Clock::now() + kLookEvery;
  next_try_ = Clock::now() + kTryAgainAfter;
  ::malloc_trim(0);  // a large document is many small pieces, of which nobody else makes use
  if (!news) return;
  published_.set_web_config_is_in_force(problems_.empty());
  if (problems_.empty()) log_.info("web configuration reloaded", {{"file", *file_}});
  logging::log_problems(log_, "web configuration not reloaded; the one before stays", problems_);
}

// Puts it in force, or says why not. A file that somebody is in the middle of writing may lack its
// end, and must not open the door.
std::vector<std::string> WebAccess::take(config::WebConfigLoad& loaded) {
  if (!loaded.config) return loaded.config.error().problems;
  std::shared_ptr<const web::Access> access = to_access(*std::move(loaded.config));
  const auto demands_certificate = [](const web::Access& of) {
    return of.tls && of.tls->requires_client_certificate();
  };
  std::vector<std::string> problems;
  if ((access->tls == nullptr) != (access_->tls == nullptr)) {
    problems.push_back(*file_ + ": tls_server_config: TLS is turned on and off by a restart only");
  } else if (demands_certificate(*access_) && !demands_certificate(*access)) {
    problems.push_back(*file_ +
                       ": tls_server_config.client_auth_type: that clients need a "
                       "certificate is given up by a restart only");
  }
  if (access->users.empty() && !access_->users.empty()) {
    problems.push_back(*file_ + ": basic_auth_users: passwords are given up by a restart only");
  }
  if (problems.empty()) access_ = std::move(access);
  return problems;
}

}  // namespace timewait::daemon
