// What `timewait top` shows instead of the tables. Thread-safe.
#pragma once

#include <cstddef>

#include "report/styled_text.h"
#include "terminal/top/scene.h"
#include "terminal/top/view.h"

namespace timewait::terminal::top {

report::Text help_text();

// So many rows of them, with the chosen one.
report::Text namespaces_text(const View& view, const Scene& scene, std::size_t rows);

}  // namespace timewait::terminal::top
