// What the build makes of page.html, page.css, script/ and uplot/: see assemble.cmake.
#pragma once

#include <string_view>

namespace timewait::page {

// HTML with its style sheets and scripts inline; "{{telemetry_path}}" stands where the path
// belongs.
extern const std::string_view kDocument;

extern const std::string_view kContentSecurityPolicy;

}  // namespace timewait::page
