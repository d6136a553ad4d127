// How many ports a second a pool gives away at present, from the seconds of the last minute.
// FORECAST.md says in words what is done here, and why.
#pragma once

#include "analysis/per_second.h"

namespace timewait::analysis {

// How well the seconds are told apart.
enum class Timing {
  kExact,    // what came in a second is counted there
  kBlurred,  // it may have come in any of the seconds between two polls
};

// `arrivals`: ports newly taken in each second; negative where more were given back. Per second,
// never negative. A burst of up to six seconds that is over does not count. A load does in its
// eighth second; in its fifth, if it is steady and the timing exact. One that stopped four seconds
// ago no longer does.
double arrival_rate(const PerSecond& arrivals, Timing timing);

}  // namespace timewait::analysis
