// What `timewait top` shows at a moment. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>

#include "report/styled_text.h"
#include "terminal/top/scene.h"
#include "terminal/top/view.h"

namespace timewait::terminal::top {

struct Frame {
  report::Text lines;                 // as many as there are rows, or fewer
  std::optional<std::size_t> cursor;  // its column in the last line; absent: there is none
  Extent extent;
};

// Moves what is out of the view's bounds into them.
Frame draw_frame(View& view, const Scene& scene, const report::Layout& layout, std::size_t rows);

}  // namespace timewait::terminal::top
