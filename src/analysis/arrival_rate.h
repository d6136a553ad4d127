// How many ports a second a pool gives away at present, from the seconds of the last minute.
// FORECAST.md says in words what is done here, and why.
#pragma once

#include "analysis/per_second.h"

namespace timewait::analysis {

// `arrivals`: ports newly taken in each second; negative where more were given back. Per second,
// never negative. A burst of up to six seconds does not count; a load that has lasted for eight
// does, and one that stopped four seconds ago no longer.
double arrival_rate(const PerSecond& arrivals);

}  // namespace timewait::analysis
