// What there is to show.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "analysis/exporter_state.h"
#include "terminal/top/namespace_list.h"

namespace timewait::terminal::top {

struct Scene {
  const analysis::ExporterState& state;
  const NamespaceChoice& netns;                // that of them which is shown
  const std::string& own_name;                 // what the own is called
  const std::optional<NamespaceList>& others;  // absent as long as they are looked for
  std::string time_of_day;                     // as clocks of this host show it
  std::chrono::steady_clock::time_point now;
  std::chrono::steady_clock::time_point as_of;  // now, or when the view was paused
};

}  // namespace timewait::terminal::top
