// The severity of what was found, for those of whom it was found. Thread-safe.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "analysis/findings.h"
#include "report/styled_text.h"

namespace timewait::report {

// Of those findings for which `concerns` holds; absent where there are none.
template <typename Concerns>
std::optional<analysis::Severity> worst_of(const std::vector<analysis::Finding>& findings,
                                           Concerns&& concerns) {
  const auto found = std::find_if(findings.begin(), findings.end(), concerns);
  if (found == findings.end()) return std::nullopt;
  return found->severity;  // the most urgent come first
}

// Information is no reason for alarm.
constexpr Style style_of(const std::optional<analysis::Severity>& severity,
                         Style calm = Style::kPlain) {
  if (severity == analysis::Severity::kCritical) return Style::kCritical;
  if (severity == analysis::Severity::kWarning) return Style::kWarning;
  return calm;
}

}  // namespace timewait::report
