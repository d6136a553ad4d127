#include "resolve/host_resolver.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>

namespace timewait::resolve {
namespace {

using Clock = HostRecord::Clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxLookups = 16;

// The program's are for other threads. And c-ares writes to TCP connections that the server may
// have closed, which must not be this program's end.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

base::Result<std::unique_ptr<HostResolver>> HostResolver::start(
    const std::vector<std::string>& names, Options options) {
  base::UniqueFd stop(::eventfd(0, EFD_CLOEXEC));
  if (!stop.valid()) return base::system_error("cannot resolve host names", errno);
  std::unique_ptr<HostResolver> resolver(
      new HostResolver(names, std::move(options), std::move(stop)));
  try {
    resolver->thread_ = std::thread([&it = *resolver] { it.run(); });
  } catch (const std::system_error& error) {
    return base::system_error("cannot resolve host names", error.code().value());
  }
  return resolver;
}

HostResolver::HostResolver(const std::vector<std::string>& names, Options options,
                           base::UniqueFd stop)
    : options_(std::move(options)), stop_(std::move(stop)) {
  for (const std::string& name : std::set(names.begin(), names.end())) {
    hosts_.push_back({name, {}, nullptr});
  }
  publish();
}

HostResolver::~HostResolver() {
  if (!thread_.joinable()) return;
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::shared_ptr<const HostAddresses> HostResolver::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

bool HostResolver::wait_for_first_attempts(milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return published_.wait_for(lock, limit, [this] {
    return std::all_of(latest_->begin(), latest_->end(),
                       [](const auto& entry) { return entry.second.attempted(); });
  });
}

void HostResolver::run() {
  block_signals();
  do {
    take_outcomes();
    start_lookups();
  } while (wait());
}

void HostResolver::take_outcomes() {
  const std::size_t before = lookups_;
  for (Host& host : hosts_) {
    if (!host.lookup || !host.lookup->outcome()) continue;
    const base::Result<Answer>& outcome = *host.lookup->outcome();
    if (outcome) {
      host.record.answered(*outcome, Clock::now(), std::chrono::system_clock::now());
    } else {
      host.record.failed(outcome.error().message, Clock::now());
    }
    host.lookup.reset();
    --lookups_;
  }
  if (lookups_ != before) publish();
}

void HostResolver::start_lookups() {
  const Clock::time_point now = Clock::now();
  while (lookups_ < kMaxLookups) {
    Host* const host = next_due();
    if (host == nullptr || host->record.due() > now) return;
    host->lookup = std::make_unique<Lookup>(host->name, options_);
    ++lookups_;
  }
}

// Waits until a lookup can go on, and lets it, or until the next is due. False if it is time to
// end.
bool HostResolver::wait() {
  std::vector<pollfd> fds = {{stop_.get(), POLLIN, 0}};
  std::vector<std::pair<Lookup*, std::size_t>> ends;  // where the sockets of each end in fds
  for (const Host& host : hosts_) {
    if (!host.lookup) continue;
    host.lookup->watch(fds);
    ends.emplace_back(host.lookup.get(), fds.size());
  }
  ::poll(fds.data(), fds.size(), static_cast<int>(time_to_wait().count()));
  if (fds[0].revents != 0) return false;
  std::size_t begin = 1;
  for (const auto& [lookup, end] : ends) {
    lookup->go_on(std::span(fds).subspan(begin, end - begin));
    begin = end;
  }
  return true;
}

// Of those that are not under way.
HostResolver::Host* HostResolver::next_due() {
  Host* next = nullptr;
  for (Host& host : hosts_) {
    if (host.lookup) continue;
    if (next == nullptr || host.record.due() < next->record.due()) next = &host;
  }
  return next;
}

milliseconds HostResolver::time_to_wait() {
  milliseconds longest{60'000};  // any, with nothing under way and nothing due
  for (const Host& host : hosts_) {
    if (host.lookup) longest = std::min(longest, host.lookup->patience());
  }
  const Host* const next = lookups_ < kMaxLookups ? next_due() : nullptr;
  if (next == nullptr) return longest;
  const auto left = std::chrono::ceil<milliseconds>(next->record.due() - Clock::now());
  return std::clamp(left, milliseconds(0), longest);
}

void HostResolver::publish() {
  auto addresses = std::make_shared<HostAddresses>();
  for (const Host& host : hosts_) addresses->emplace(host.name, host.record.state());
  {
    const std::lock_guard lock(mutex_);
    latest_ = std::move(addresses);
  }
  published_.notify_all();
}

}  // namespace timewait::resolve
