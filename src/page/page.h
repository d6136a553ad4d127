// The status page: one HTML document that asks for nothing but api/v1/snapshot, relative to itself,
// and shows what that answers. Knows nothing of how the figures come about.
#pragma once

#include <string>
#include <string_view>

namespace timewait::page {

struct Page {
  std::string html;
  // The value of its Content-Security-Policy header: the document's own style sheet and script, by
  // their hashes, and requests to the server that it came from.
  std::string content_security_policy;
};

// `telemetry_path`: where the page's link to the metrics leads; any text. Thread-safe.
Page make_page(std::string_view telemetry_path);

}  // namespace timewait::page
