#include "report/verdict.h"

#include <algorithm>

#include "analysis/wording.h"
#include "report/found.h"
#include "report/line.h"

namespace timewait::report {

using analysis::Finding;
using analysis::Severity;

std::optional<Span> all_clear(const std::optional<Severity>& worst, const std::string& proviso) {
  if (worst && *worst != Severity::kInfo) return std::nullopt;
  if (!proviso.empty()) return Span{"Nothing is wrong, but " + proviso + ".", Style::kGood};
  return Span{worst ? "Nothing is wrong, but something could be better." : "Nothing is wrong.",
              Style::kGood};
}

Text summary_of(const std::vector<Finding>& findings, const Layout& layout) {
  const auto count = [&](Severity severity) {
    return static_cast<std::uint64_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const Finding& finding) { return finding.severity == severity; }));
  };
  const std::uint64_t critical = count(Severity::kCritical);
  const std::uint64_t warnings = count(Severity::kWarning);
  if (critical + warnings == 0) return {};
  std::string found;
  if (critical > 0) found = analysis::in_words(critical) + " critical";
  if (critical > 0 && warnings > 0) found += ", ";
  if (warnings > 0) found += analysis::plural(warnings, "warning", "warnings");
  return paragraph({},
                   {found + ": timewait diagnose says why, and what to change.",
                    style_of(findings.front().severity)},
                   layout);
}

}  // namespace timewait::report
