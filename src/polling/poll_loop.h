// Polls at a steady pace and publishes what it finds. Scrapes never make it poll.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "inet/endpoint.h"
#include "logging/log.h"
#include "polling/host_names.h"
#include "polling/pace.h"
#include "polling/poll_targets.h"
#include "polling/published.h"
#include "reading/read_failure.h"

namespace timewait::polling {

// What is polled, and how often.
struct PollPlan {
  PollRules rules;
  NamespacePlan namespaces;
  std::chrono::milliseconds interval{0};
  double max_cpu = 1;  // share of one core that polls may take; see Pace
};

// How others see that the polls go on.
struct Heartbeat {
  std::chrono::microseconds longest_pause = std::chrono::hours(1);  // between two beats
  std::function<void()> beat = [] {};  // called by the thread that polls; takes no time
};

class PollLoop {
 public:
  // `log` and `published` outlive the loop.
  PollLoop(PollPlan plan, SourceFactory make_source, const logging::Log& log, Published& published);
  ~PollLoop();  // as stop()

  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  // Polls once, before start(). Why that of the exporter's own namespace failed, if it did, which
  // is not logged; failures of others are. Waits a moment for the first answers of the DNS, so that
  // a peer has its name from the start.
  std::optional<reading::ReadFailure> poll_once();

  // As poll_once(); with the audit on, audits all ports and polls again, because which ports to ask
  // for is known after a poll alone.
  std::optional<reading::ReadFailure> poll_to_the_end();

  // Where the exporter itself listens, which the polls from now on tell apart. Before start().
  void set_own_listeners(std::vector<inet::Endpoint> listeners);

  // Beats after each poll of a namespace, when the figures are published, and in between. No beat
  // comes from a poll that is stuck. Before poll_once().
  void set_heartbeat(Heartbeat heartbeat);

  // Polls on a thread of its own from now on: one interval after now, then at each multiple of it.
  // A poll that takes longer than the interval skips the times it has missed.
  void start();

  // Another plan, in force when this returns; a poll by it follows at once. Waits for the poll that
  // is under way. Call only between start() and stop(), from one thread.
  void reconfigure(PollPlan plan);

  // Likewise, but waits for nothing: the poll that is under way is followed by one that follows the
  // plan. Of several that come meanwhile the last counts.
  void request(PollPlan plan);

  // Returns when the thread has ended; it finishes the poll that it is in.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void wait_until(Clock::time_point next, std::unique_lock<std::mutex>& lock);
  void take_plan();
  void poll_all();
  void update_host_names();
  void log_pace();
  void publish();

  // The polling thread's own, once it runs.
  PollPlan plan_;
  PollTargets targets_;
  const logging::Log& log_;
  Published& published_;
  Pace pace_;
  HostNames host_names_;
  Heartbeat heartbeat_;
  bool stretch_logged_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;              // guarded by mutex_
  std::optional<PollPlan> next_plan_;  // guarded by mutex_; until the thread has taken it
  std::thread thread_;
};

}  // namespace timewait::polling
