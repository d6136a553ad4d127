// Plays connections to one peer in simulated time, and asks for the forecast at every poll.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace timewait::analysis {

inline constexpr double kForGood = std::numeric_limits<double>::infinity();

// Connections that are opened at a rate, and what becomes of them.
struct Traffic {
  std::function<double(double)> rate;  // a second, by the seconds since the start
  double mean_lifetime = kForGood;     // seconds that one is open; exponential
  bool closed_here = true;             // and so in TIME_WAIT afterwards
  bool at_random = true;               // Poisson; else evenly
};

struct SimulatedLoad {
  std::string name;
  std::uint32_t ports = 28'232;
  std::uint32_t standing = 0;  // open from the beginning, for good
  std::vector<Traffic> traffic;
  // When, in seconds, all connections but the standing ones are closed, by the peer.
  std::function<bool(double)> resets = [](double) { return false; };
  double seconds = 900;  // ends then, or when no port is left
  double poll_interval = 5;
  double warm_up = 0;     // seconds for which traffic goes on before the first poll
  double learned_by = 0;  // until then, in seconds, it may look like a leak
};

struct Forecast {
  double at = 0;  // seconds since the start
  double seconds = 0;
  double used = 0;
};

struct SimulatedRecord {
  std::vector<Forecast> forecasts;
  std::optional<double> exhausted_at;
};

// For GoogleTest.
inline void PrintTo(const SimulatedLoad& load, std::ostream* out) { *out << load.name; }

SimulatedRecord simulate(const SimulatedLoad& load, unsigned seed);

}  // namespace timewait::analysis
