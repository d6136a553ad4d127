// Hand-made inputs for the exposition.
#pragma once

#include "exposition/collect.h"

namespace timewait::exposition {

analysis::Snapshot sample_snapshot();  // every optional part is there
std::shared_ptr<const analysis::History> sample_history();
Input input_with(analysis::Snapshot snapshot);

// With a second network namespace, host names and whatever else there may be.
Input input_with_all();
Input input_before_first_poll();

}  // namespace timewait::exposition
