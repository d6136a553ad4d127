#include "analysis/forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace timewait::analysis {
namespace {

constexpr double kFarthest = 24.0 * 60 * 60;  // a day, in seconds
constexpr double kNever = std::numeric_limits<double>::infinity();

// How many of the TIME_WAIT sockets with a known age are younger than that.
double younger_than(const TimeWaitAges& ages, double seconds) {
  double count = 0;
  for (std::size_t second = 0; second < kMinute; ++second) {
    const double part = std::clamp(seconds - static_cast<double>(second), 0.0, 1.0);
    if (part == 0) break;
    count += part * ages.entered[second];
  }
  return count;
}

// The ports taken after so many seconds, if the present rates last.
class Outlook {
 public:
  explicit Outlook(const PoolDemand& demand) : demand_(demand) {}

  double ports_taken_after(double seconds) const {
    const double closing = demand_.arrival_rate - demand_.open_growth.rate;
    const double time_waits =
        still_held_after(seconds) + closing * std::min(seconds, demand_.hold_seconds);
    return demand_.open + demand_.open_growth.rate * seconds +
           std::min(time_waits, demand_.time_wait_room);
  }

 private:
  // Of the TIME_WAIT sockets there are now. The wheel is late by half its slack on average.
  double still_held_after(double seconds) const {
    const double slack = demand_.hold_slack_seconds;
    const double hold = demand_.hold_seconds - slack / 2;
    double held = younger_than(demand_.time_waits, hold - seconds);
    if (slack > 0) held += demand_.time_waits.overdue * std::max(0.0, 1 - seconds / slack);
    return held;
  }

  const PoolDemand& demand_;
};

// Where the line from (x0, y0) to (x1, y1) comes up to y.
double crossing(double x0, double y0, double x1, double y1, double y) {
  return y1 <= y0 ? x1 : x0 + (x1 - x0) * (y - y0) / (y1 - y0);
}

// The most that the ports taken can ever come to is below the capacity: spares the walk.
bool cannot_run_out(const PoolDemand& demand) {
  const double most_time_waits =
      demand.time_waits.total() + demand.arrival_rate * demand.hold_seconds;
  return demand.open_growth.rate <= 0 && demand.open + most_time_waits < demand.capacity;
}

}  // namespace

double seconds_to_exhaustion(const PoolDemand& demand) {
  if (cannot_run_out(demand)) return kNever;
  const Outlook outlook(demand);
  double last_seconds = 0;
  double last_taken = outlook.ports_taken_after(0);
  if (last_taken >= demand.capacity) return 0;

  // Until what is closed now has come back, the ports taken may rise and fall: second by second, at
  // the moments when a second's TIME_WAIT sockets are through.
  const double hold = demand.hold_seconds;
  const double first_step = std::fmod(hold - demand.hold_slack_seconds / 2, 1.0);
  for (int step = 0; last_seconds < hold; ++step) {
    const double seconds = std::min(first_step + step, hold);
    const double taken = outlook.ports_taken_after(seconds);
    if (taken >= demand.capacity) {
      return crossing(last_seconds, last_taken, seconds, taken, demand.capacity);
    }
    last_seconds = seconds;
    last_taken = taken;
  }
  // From then on as many come back as are closed, and only what stays open adds up.
  const Growth& growth = demand.open_growth;
  const double left = demand.capacity - last_taken;
  if (growth.rate <= 0 || left > growth.to_come - growth.rate * hold) return kNever;
  const double seconds = last_seconds + left / growth.rate;
  if (seconds >= kFarthest) return kNever;
  return seconds;
}

}  // namespace timewait::analysis
