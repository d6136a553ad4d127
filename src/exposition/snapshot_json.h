// The snapshot as JSON: all of /metrics but the process, and what has no place there: the pools,
// the last ten minutes, and what is wrong. SNAPSHOT.md tells what is promised of it, and
// snapshot.schema.json what each field means. Thread-safe.
#pragma once

#include <string>

#include "exposition/collect.h"

namespace timewait::exposition {

// One line of UTF-8; bytes of a name that are not come out as U+FFFD. JSON has no infinity: null.
std::string render_json(const Input& input);

}  // namespace timewait::exposition
