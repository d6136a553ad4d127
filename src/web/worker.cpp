#include "web/worker.h"

#include <utility>

#include <sys/resource.h>

namespace timewait::web {
namespace {

// Whoever guesses passwords as fast as they can be checked takes what nobody else on the host
// wants.
constexpr int kNiceness = 19;

}  // namespace

Worker::Worker(std::size_t max_waiting) : max_waiting_(max_waiting), thread_([this] { run(); }) {}

Worker::~Worker() { stop(); }

void Worker::stop() {
  std::deque<Job> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Worker::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= max_waiting_) return false;
    waiting_.push_back(std::move(job));
  }
  changed_.notify_all();
  return true;
}

void Worker::run() {
  ::setpriority(PRIO_PROCESS, 0, kNiceness);  // of this thread alone (setpriority(2), "BUGS")
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    {
      const Job job = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      job();
    }
    lock.lock();
  }
}

}  // namespace timewait::web
