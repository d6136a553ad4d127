// How far apart polls are: as configured, or farther where a poll costs more than its share of CPU.
#pragma once

#include <chrono>

namespace timewait::polling {

class Pace {
 public:
  // Polls are never stretched farther than this: TIME_WAIT lasts 60 s, so at this distance no
  // socket is missed but those that were reused.
  static constexpr std::chrono::seconds kLongest{30};

  // `max_cpu`: share of one core that polling may take, above 0 and at most 1.
  Pace(std::chrono::milliseconds configured, double max_cpu)
      : configured_(configured), max_cpu_(max_cpu) {}

  // The CPU time that the last round of polls took.
  void observe(std::chrono::nanoseconds cost);

  // From the beginning of one round to that of the next.
  std::chrono::milliseconds interval() const;
  std::chrono::milliseconds configured() const { return configured_; }
  bool stretched() const { return interval() > configured_; }

 private:
  std::chrono::milliseconds configured_;
  double max_cpu_;
  std::chrono::duration<double> usual_cost_{0};  // of a round, the newer ones weighing more
};

}  // namespace timewait::polling
