#include "page/page.h"

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
  std::string html;
  std::string_view rest = kDocument;
  for (auto mark = rest.find(kPathMark); mark != rest.npos; mark = rest.find(kPathMark)) {
    html.append(rest.substr(0, mark)).append(path);
    rest.remove_prefix(mark + kPathMark.size());
  }
  html.append(rest);
  return {std::move(html), std::string(kContentSecurityPolicy)};
}

}  // namespace timewait::page
