// What was found about one peer, listener or host, as far as it decides about colours. Thread-safe.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/findings.h"
#include "report/styled_text.h"

namespace timewait::report {

class Found {
 public:
  // Those of the findings, the most urgent of which comes first, for which `is_about_it` holds.
  template <typename IsAboutIt>
  Found(const std::vector<analysis::Finding>& findings, IsAboutIt&& is_about_it) {
    for (const analysis::Finding& finding : findings) {
      if (is_about_it(finding)) found_.emplace_back(finding.kind, finding.severity);
    }
  }

  // Absent where nothing was found.
  std::optional<analysis::Severity> worst() const {
    if (found_.empty()) return std::nullopt;
    return found_.front().second;
  }

  // Of what is of these kinds.
  std::optional<analysis::Severity> worst(
      std::initializer_list<analysis::FindingKind> kinds) const {
    for (const auto& [kind, severity] : found_) {
      if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return severity;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::pair<analysis::FindingKind, analysis::Severity>> found_;
};

// Information is no reason for alarm.
constexpr Style style_of(const std::optional<analysis::Severity>& severity,
                         Style calm = Style::kPlain) {
  if (severity == analysis::Severity::kCritical) return Style::kCritical;
  if (severity == analysis::Severity::kWarning) return Style::kWarning;
  return calm;
}

}  // namespace timewait::report
