#include "diagnosis/diagnosis.h"

namespace timewait::diagnosis {

std::optional<analysis::Severity> Diagnosis::worst() const {
  if (problems.empty()) return std::nullopt;
  return problems.front().finding.severity;
}

Diagnosis diagnose(const analysis::ExporterState& state,
                   std::chrono::steady_clock::time_point now) {
  Diagnosis diagnosis;
  for (analysis::Finding& finding : analysis::findings_of(state, now)) {
    diagnosis.problems.push_back({std::move(finding), {}, {}, {}});
  }
  return diagnosis;
}

}  // namespace timewait::diagnosis
