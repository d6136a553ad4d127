// OpenMetrics 1.0 text, which prometheus-cpp 1.0 lacks.
#pragma once

#include <memory>

namespace prometheus {
class Serializer;
}

namespace timewait::exposition {

// Writes gauges, counters and histograms without timestamps; any other type aborts. Numbers are
// spelled as prometheus::TextSerializer spells them, so a series has the same labels and value in
// both formats. A family's unit is looked up in the catalogue and written where its name ends with
// it.
std::unique_ptr<prometheus::Serializer> make_openmetrics_serializer();

}  // namespace timewait::exposition
