// A thread for what would keep a server's other clients waiting: checking a password takes a tenth
// of a second. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace timewait::web {

class Worker {
 public:
  using Job = std::function<void()>;  // does not throw

  // Jobs run one after the other, in the order of their posting; at most `max_waiting` wait.
  explicit Worker(std::size_t max_waiting);
  ~Worker();  // as stop()

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // False, and nothing happens, when too many jobs wait, and after stop().
  bool post(Job job);

  // Waits for the job that runs; drops those that wait.
  void stop();

 private:
  void run();

  std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  bool stopping_ = false;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace timewait::web
