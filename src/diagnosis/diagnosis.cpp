#include "diagnosis/diagnosis.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "analysis/wording.h"
#include "diagnosis/case.h"
#include "diagnosis/cause.h"
#include "diagnosis/explain.h"
#include "diagnosis/harmless.h"
#include "diagnosis/lookup.h"
#include "diagnosis/unknown.h"

namespace timewait::diagnosis {
namespace {

using analysis::ExporterState;
using analysis::Finding;
using analysis::FindingKind;

std::vector<Case>::iterator with_cause(std::vector<Case>& cases, const Cause& cause) {
  return std::find_if(cases.begin(), cases.end(),
                      [&](const Case& each) { return each.cause == cause; });
}

// Listeners that hold most of what bind() holds are that problem.
Cause cause_among(std::vector<Case>& cases, const Finding& finding, const ExporterState& state) {
  Cause cause = cause_of(finding, state);
  if (cause.kind != CauseKind::kEphemeralListener) return cause;
  Cause bound{CauseKind::kBound, cause.netns};
  if (with_cause(cases, bound) == cases.end()) return cause;
  const analysis::Snapshot& snapshot = *namespace_of(state, cause.netns)->snapshot;
  const bool is_most = 2 * held_by_listeners(snapshot) >= snapshot.ephemeral_ports_bound;
  return is_most ? bound : cause;
}

Place place_of(const Finding& finding, const ExporterState& state) {
  const analysis::NamespaceState* const there = namespace_of(state, finding.netns);
  return Place(there == nullptr ? analysis::NamespaceState() : *there);
}

// In the order of the findings, most urgent first.
std::vector<Case> cases_of(const std::vector<Finding>& findings, const ExporterState& state) {
  std::vector<Case> cases;
  for (const Finding& finding : findings) {
    if (finding.kind == FindingKind::kFoldedPeers) continue;  // a limit of what is known
    Cause cause = cause_among(cases, finding, state);
    const auto known = with_cause(cases, cause);
    if (known == cases.end()) {
      cases.push_back({std::move(cause), {finding}, place_of(finding, state)});
    } else {
      known->findings.push_back(finding);
    }
  }
  return cases;
}

// What else was found of that cause is evidence.
Problem problem_of(const Case& a_case, const ExporterState& state) {
  Explanation explanation = explain(a_case, state);
  Problem problem{.finding = a_case.findings.front(),
                  .evidence = {},
                  .why = std::move(explanation.why),
                  .remedies = std::move(explanation.remedies)};
  for (auto finding = std::next(a_case.findings.begin()); finding != a_case.findings.end();
       ++finding) {
    problem.evidence.push_back(finding->text);
  }
  std::move(explanation.evidence.begin(), explanation.evidence.end(),
            std::back_inserter(problem.evidence));
  return problem;
}

void append(std::vector<std::string>& sentences, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(sentences));
}

}  // namespace

std::optional<analysis::Severity> Diagnosis::worst() const {
  if (problems.empty()) return std::nullopt;
  return problems.front().finding.severity;
}

Diagnosis diagnose(const ExporterState& state, std::chrono::steady_clock::time_point now) {
  Diagnosis diagnosis;
  const std::vector<Finding> findings = analysis::findings_of(state, now);
  for (const Case& each : cases_of(findings, state)) {
    diagnosis.problems.push_back(problem_of(each, state));
  }
  for (const analysis::NamespaceState& each : state.namespaces) {
    append(diagnosis.harmless, harmless_in(each, findings));
    append(diagnosis.unknown, unknown_in(each));
    if (diagnosis.proviso.empty()) diagnosis.proviso = proviso_in(each);
  }
  for (const Finding& finding : findings) {
    if (finding.kind == FindingKind::kFoldedPeers) diagnosis.unknown.push_back(finding.text);
  }
  if (state.namespaces_left_out > 0) {
    diagnosis.unknown.push_back(analysis::left_out_in_words(state.namespaces_left_out));
  }
  return diagnosis;
}

}  // namespace timewait::diagnosis
