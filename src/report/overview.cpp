#include "report/overview.h"

#include <string>
#include <utility>
#include <vector>

#include "analysis/findings.h"
#include "analysis/wording.h"
#include "report/finding_text.h"
#include "report/line.h"
#include "report/peer_rows.h"
#include "report/tables.h"
#include "report/verdict.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::NamespaceState;

using Findings = std::vector<Finding>;

// About how good the figures are, rather than about what they say.
bool is_about_polls(const Finding& finding) {
  switch (finding.kind) {
    case FindingKind::kPoll:
    case FindingKind::kNamespace:
    case FindingKind::kReload:
    case FindingKind::kHostName:
      return true;
    default:
      return false;
  }
}

Text heading_of(const NamespaceState& state, const Layout& layout) {
  const std::string heading = state.name.empty()
                                  ? "This network namespace"
                                  : "Network namespace " + analysis::isolated(state.name);
  return paragraph({}, {heading, Style::kHeading}, layout);
}

Text figures_of(const NamespaceState& state, const Findings& findings,
                std::chrono::steady_clock::time_point now, const Layout& layout) {
  if (!state.snapshot) return paragraph({}, {"No figures.", Style::kFaint}, layout);
  Text text = peers_table(peer_rows(state, findings, now), layout);
  add_section(text, listeners_table(state, findings, layout));
  add_section(text, host_lines(state, findings, layout));
  return text;
}

Text left_out(std::uint32_t namespaces, const Layout& layout) {
  if (namespaces == 0) return {};
  return paragraph({}, {analysis::left_out_in_words(namespaces), Style::kFaint}, layout);
}

}  // namespace

Text overview(const analysis::ExporterState& state, std::chrono::steady_clock::time_point now,
              const Layout& layout) {
  Findings about_polls;
  Findings about_figures;
  for (Finding& finding : analysis::findings_of(state, now)) {
    (is_about_polls(finding) ? about_polls : about_figures).push_back(std::move(finding));
  }
  Text text;
  for (const Finding& finding : about_polls) append(text, finding_text(finding, layout));
  const bool are_many = state.namespaces.size() > 1;
  for (const NamespaceState& each : state.namespaces) {
    if (are_many) add_section(text, heading_of(each, layout));
    add_section(text, figures_of(each, about_figures, now, layout));
  }
  add_section(text, left_out(state.namespaces_left_out, layout));
  add_section(text, summary_of(about_figures, layout));
  return text;
}

}  // namespace timewait::report
