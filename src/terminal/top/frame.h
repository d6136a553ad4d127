// What `timewait top` shows at a moment. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "analysis/exporter_state.h"
#include "report/styled_text.h"
#include "terminal/top/namespace_list.h"
#include "terminal/top/view.h"

namespace timewait::terminal::top {

// What there is to show.
struct Scene {
  const analysis::ExporterState& state;
  const NamespaceChoice& netns;                // that of them which is shown
  const std::string& own_name;                 // what the own is called
  const std::optional<NamespaceList>& others;  // absent as long as they are looked for
  std::string time_of_day;                     // as clocks of this host show it
  std::chrono::steady_clock::time_point now;
  std::chrono::steady_clock::time_point as_of;  // now, or when the view was paused
};

struct Frame {
  report::Text lines;                 // as many as there are rows, or fewer
  std::optional<std::size_t> cursor;  // its column in the last line; absent: there is none
  Extent extent;
};

// Moves what is out of the view's bounds into them.
Frame draw_frame(View& view, const Scene& scene, const report::Layout& layout, std::size_t rows);

}  // namespace timewait::terminal::top
