// How fast a pool's open sockets keep growing, told apart from those that merely come and go.
// FORECAST.md says in words what is done here, and why.
#pragma once

#include <limits>
#include <span>

#include "analysis/arrival_rate.h"
#include "analysis/open_sockets.h"
#include "analysis/per_second.h"

namespace timewait::analysis {

struct Growth {
  double rate = 0;  // sockets a second
  // Sockets that are still gained, at most: growth that slows down comes to an end.
  double to_come = std::numeric_limits<double>::infinity();
};

// Open sockets a second by which a pool keeps growing, 0 if that may be chance, or if the pool was
// as full before and was emptied again. `growth` and `counts`: see OpenSockets; there is one count
// at least.

// Growth that has lasted a minute at least, however much else comes and goes.
Growth steady_growth(std::span<const OpenCount> counts);

// Growth that is seen within seconds, since all that stands could not make it by chance.
Growth quick_growth(const PerSecond& growth, std::span<const OpenCount> counts, Timing timing);

}  // namespace timewait::analysis
