// What the daemon serves, by path.
#pragma once

#include <string>
#include <string_view>

#include "daemon/published.h"
#include "web/server.h"

namespace timewait::daemon {

// A path of the daemon's own, which --web.telemetry-path may not take.
bool is_reserved_path(std::string_view path);

// The handlers read `published`, which outlives them, and are thread-safe.
web::Routes make_routes(const Published& published, const std::string& telemetry_path);

}  // namespace timewait::daemon
