// Polls at a steady pace and publishes what it finds. Scrapes never make it poll.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/log.h"
#include "daemon/poller.h"
#include "daemon/published.h"
#include "reading/read_failure.h"

namespace timewait::daemon {

class PollLoop {
 public:
  // `log` and `published` outlive the loop.
  PollLoop(Poller poller, std::chrono::milliseconds interval, const Log& log, Published& published);
  ~PollLoop();  // as stop()

  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  // Polls once, on the calling thread, before start(). Why it failed, if it did.
  std::optional<reading::ReadFailure> poll_once();

  // Logs a failure when it begins and when it ends; `failure` is what a poll returned.
  void log_change(const std::optional<reading::ReadFailure>& failure);

  // Audits ports for that much CPU time, on the calling thread, before start(). Does nothing unless
  // the audit is on and this kernel can answer it.
  void audit(std::chrono::nanoseconds cpu_budget);

  // Polls on a thread of its own from now on: one interval after now, then at each multiple of it.
  // A poll that takes longer than the interval skips the times it has missed.
  void start();

  // Returns when the thread has ended; it finishes the poll that it is in.
  void stop();

 private:
  void run();
  void log_audit_failure(const kernel::ProbeFailure& failure);

  Poller poller_;
  const std::chrono::milliseconds interval_;
  const Log& log_;
  Published& published_;
  PollState state_;
  std::optional<reading::FailureReason> logged_reason_;  // of the failure that lasts
  bool audit_unsupported_ = false;

  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace timewait::daemon
