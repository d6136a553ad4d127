#include "polling/poll_loop.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "polling/cpu_time.h"

namespace timewait::polling {
namespace {

constexpr int kAuditShare = 100;  // of one core: 1 %; config/full.yml promises it

constexpr std::chrono::seconds kFirstAnswers{2};  // of the DNS, before the first poll

// A poll may move the thread that makes it to another network namespace. The main thread stays
// where it is: it opens the listening sockets.
void on_another_thread(const std::function<void()>& work) { std::thread(work).join(); }

}  // namespace

PollLoop::PollLoop(PollPlan plan, SourceFactory make_source, const logging::Log& log,
                   Published& published)
    : plan_(std::move(plan)),
      targets_(std::move(make_source), plan_.rules, plan_.namespaces, log),
      log_(log),
      published_(published),
      pace_(plan_.interval, plan_.max_cpu),
      host_names_(log) {
  host_names_.set_rules(plan_.rules.rules.peers);
}

PollLoop::~PollLoop() { stop(); }

std::optional<reading::ReadFailure> PollLoop::poll_once() {
  host_names_.wait_for_first_answers(kFirstAnswers);
  on_another_thread([this] { poll_all(); });
  publish();
  if (!targets_.own_failure()) targets_.log_changes();
  return targets_.own_failure();
}

std::optional<reading::ReadFailure> PollLoop::poll_to_the_end() {
  constexpr std::chrono::minutes kAsLongAsItTakes{1};
  std::optional<reading::ReadFailure> failure = poll_once();
  if (failure || !plan_.rules.audit_interval) return failure;
  on_another_thread([&] { targets_.audit_all(kAsLongAsItTakes); });
  return poll_once();
}

void PollLoop::poll_all() {
  update_host_names();
  const std::chrono::nanoseconds before = thread_cpu_time();
  targets_.poll_all(heartbeat_.beat);
  pace_.observe(thread_cpu_time() - before);
}

void PollLoop::update_host_names() {
  const auto still_used = [this](std::span<const inet::Address> addresses) {
    return targets_.still_used(addresses);
  };
  if (!host_names_.update(still_used)) return;
  host_names_.fill_in(plan_.rules.rules.peers);
  targets_.set_rules(plan_.rules);
}

void PollLoop::publish() {
  analysis::ExporterState state;
  state.namespaces = targets_.states();
  state.namespaces_left_out = targets_.left_out();
  state.hosts = host_names_.health();
  state.spacing = {pace_.configured(), pace_.interval()};
  published_.set_polls(std::move(state));
  heartbeat_.beat();
}

void PollLoop::log_pace() {
  if (pace_.stretched() == stretch_logged_) return;
  stretch_logged_ = pace_.stretched();
  if (!stretch_logged_) {
    log_.info("polls are as near to each other as configured again");
    return;
  }
  log_.warn("polls would take more CPU than poll.max_cpu allows, so they spread out",
            {{"interval", std::to_string(pace_.interval().count()) + "ms"}});
}

void PollLoop::set_own_listeners(std::vector<inet::Endpoint> listeners) {
  targets_.set_own_listeners(std::move(listeners));
}

void PollLoop::set_heartbeat(Heartbeat heartbeat) { heartbeat_ = std::move(heartbeat); }

void PollLoop::start() {
  thread_ = std::thread([this] { run(); });
}

void PollLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PollLoop::request(PollPlan plan) {
  const std::lock_guard lock(mutex_);
  next_plan_ = std::move(plan);
  changed_.notify_all();
}

void PollLoop::reconfigure(PollPlan plan) {
  request(std::move(plan));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !next_plan_; });
}

void PollLoop::take_plan() {
  if (!next_plan_) return;
  plan_ = std::move(*next_plan_);
  host_names_.set_rules(plan_.rules.rules.peers);
  host_names_.fill_in(plan_.rules.rules.peers);
  targets_.set_plan(plan_.namespaces);
  targets_.set_rules(plan_.rules);
  pace_ = Pace(plan_.interval, plan_.max_cpu);
  next_plan_.reset();
  changed_.notify_all();
}

// Or until there is something else to do.
void PollLoop::wait_until(Clock::time_point next, std::unique_lock<std::mutex>& lock) {
  const auto is_called = [this] { return stopping_ || next_plan_; };
  for (;;) {
    const Clock::time_point until = std::min(next, Clock::now() + heartbeat_.longest_pause);
    if (changed_.wait_until(lock, until, is_called) || until == next) return;
    lock.unlock();
    heartbeat_.beat();
    lock.lock();
  }
}

void PollLoop::run() {
  Clock::time_point next = Clock::now() + pace_.interval();
  std::unique_lock lock(mutex_);
  for (;;) {
    wait_until(next, lock);
    if (stopping_) return;
    if (next_plan_) next = Clock::now();
    take_plan();
    lock.unlock();
    poll_all();
    targets_.log_changes();
    log_pace();
    targets_.audit_all(plan_.interval / kAuditShare);
    publish();
    const Clock::time_point now = Clock::now();
    const std::chrono::milliseconds interval = pace_.interval();
    next += interval;
    if (next <= now) next += interval * ((now - next) / interval + 1);
    lock.lock();
  }
}

}  // namespace timewait::polling
