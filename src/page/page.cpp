#include "page/page.h"

#include <cstddef>
#include <utility>

#include "page/document.h"

namespace timewait::page {
namespace {

constexpr std::string_view kPathMark = "{{telemetry_path}}";

std::string escape_attribute(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Page make_page(std::string_view telemetry_path) {
  const std::string path = escape_attribute(telemetry_path);
  std::string html(kDocument);
  for (std::size_t at = html.find(kPathMark); at != std::string::npos;
       at = html.find(kPathMark, at + path.size())) {
    html.replace(at, kPathMark.size(), path);
  }
  return {std::move(html), std::string(kContentSecurityPolicy)};
}

}  // namespace timewait::page
