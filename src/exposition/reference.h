// The metrics reference, METRICS.md.
#pragma once

#include <string>

namespace timewait::exposition {

// The catalogue as Markdown, after an introduction for the reader of a dashboard.
std::string metrics_reference();

}  // namespace timewait::exposition
