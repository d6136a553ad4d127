// What the daemon serves, by path.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "polling/published.h"
#include "web/routes.h"

namespace timewait::daemon {

// Answered by 200 as long as the daemon serves at all.
inline constexpr std::string_view kHealthyPath = "/-/healthy";

// A path of the daemon's own, which --web.telemetry-path may not take.
bool is_reserved_path(std::string_view path);

// Reloads the configuration; the problems that prevent it, if any. Empty: clients may not ask.
using Reload = std::function<std::vector<std::string>()>;

// The handlers read `published`, which outlives them, and are thread-safe.
web::Routes make_routes(const polling::Published& published, const std::string& telemetry_path,
                        Reload reload);

}  // namespace timewait::daemon
