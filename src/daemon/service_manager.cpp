#include "daemon/service_manager.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

namespace timewait::daemon {
namespace {

constexpr timeval kSendTimeout{1, 0};
constexpr std::chrono::seconds kMoreTime{30};         // for a start that goes on
constexpr std::chrono::seconds kNotMoreOftenThan{5};  // without a watchdog

// Invalid where there is none, or none that could be reached.
base::UniqueFd connect_to(const char* path) {
  sockaddr_un address{};
  const std::size_t length = path == nullptr ? 0 : std::strlen(path);
  if (length < 2 || length >= sizeof(address.sun_path)) return {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';  // an abstract one
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout, sizeof(kSendTimeout));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return fd;
}

std::optional<std::chrono::microseconds> watchdog_of_environment() {
  std::uint64_t period_us = 0;
  if (sd_watchdog_enabled(/*unset_environment=*/0, &period_us) <= 0) return std::nullopt;
  return std::chrono::microseconds(period_us);
}

std::string monotonic_usec() {
  const auto now = ServiceManager::Clock::now().time_since_epoch();  // CLOCK_MONOTONIC
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

// A line that is none to the protocol, whatever names and messages of others are in it.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char byte) { return byte < ' '; }, ' ');
  return line;
}

}  // namespace

ServiceManager::ServiceManager()
    : socket_(connect_to(std::getenv("NOTIFY_SOCKET"))),
      watchdog_(watchdog_of_environment()),
      alive_at_(Clock::now()) {}

void ServiceManager::ready() {
  const std::lock_guard lock(mutex_);
  started_ = true;
  send("READY=1");
}

void ServiceManager::reloading() {
  const std::lock_guard lock(mutex_);
  send("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
}

void ServiceManager::stopping() {
  const std::lock_guard lock(mutex_);
  send("STOPPING=1");
}

void ServiceManager::alive(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto pause = watchdog_ ? *watchdog_ / 6 : kNotMoreOftenThan;
  if (now - alive_at_ < pause) return;
  if (started_ && !watchdog_) return;
  const auto more = std::chrono::microseconds(kMoreTime).count();
  if (send(started_ ? "WATCHDOG=1" : "EXTEND_TIMEOUT_USEC=" + std::to_string(more))) {
    alive_at_ = now;
  }
}

void ServiceManager::set_status(std::string_view status) {
  const std::lock_guard lock(mutex_);
  if (status == status_) return;
  if (send("STATUS=" + one_line(status))) status_ = status;
}

bool ServiceManager::send(const std::string& message) {
  if (!socket_.valid()) return true;
  return ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace timewait::daemon
