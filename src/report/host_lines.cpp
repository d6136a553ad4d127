#include <string>
#include <vector>

#include "analysis/wording.h"
#include "inet/port_range.h"
#include "reading/tcp_settings.h"
#include "report/found.h"
#include "report/line.h"
#include "report/tables.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::in_words;
using analysis::Snapshot;

std::string ports_in_words(const Snapshot& snapshot) {
  const inet::PortRange& range = snapshot.settings.ephemeral_ports;
  return "Ephemeral ports " + in_words(snapshot.ephemeral_ports) + " (" +
         std::to_string(range.first) + "-" + std::to_string(range.last) + "), reserved " +
         in_words(snapshot.ephemeral_ports_reserved) + ", bound " +
         in_words(snapshot.ephemeral_ports_bound);
}

// As the kernel counts them: sockets in FIN_WAIT2 that no program holds any more are among them.
std::string time_waits_in_words(const Snapshot& snapshot) {
  const std::string sockets = "TIME_WAIT buckets " + in_words(snapshot.time_wait_sockets);
  const auto& limit = snapshot.settings.max_tw_buckets;
  return limit ? sockets + " of " + in_words(*limit) : sockets;
}

std::string reuse_in_words(const reading::TcpSettings& settings) {
  if (!settings.tw_reuse) return "tcp_tw_reuse not known";
  const std::string mode = "tcp_tw_reuse " + std::to_string(*settings.tw_reuse);
  if (*settings.tw_reuse == 0) return mode + " (off)";
  if (!settings.timestamps) return mode + " (no use without tcp_timestamps)";
  return mode + (*settings.tw_reuse == 2 ? " (loopback)" : " (on)");
}

// To the last line, where that has room for it.
void add_fact(Text& text, const Span& fact, const Layout& layout) {
  Line line = text.empty() ? Line() : text.back();
  if (!line.empty()) line.push_back({"; "});
  line.push_back(fact);
  if (width_of(line) > layout.columns) {
    append(text, paragraph({}, fact, layout));
  } else if (text.empty()) {
    text.push_back(line);
  } else {
    text.back() = line;
  }
}

}  // namespace

Text host_lines(const analysis::NamespaceState& state, const std::vector<Finding>& findings,
                const Layout& layout) {
  const Found found(findings, [&](const Finding& finding) {
    return finding.netns == state.name && !finding.peer;
  });
  const Snapshot& snapshot = *state.snapshot;
  const std::vector<Span> facts = {
      {ports_in_words(snapshot),
       style_of(found.worst({FindingKind::kHeadroom, FindingKind::kBoundPorts}))},
      {time_waits_in_words(snapshot), style_of(found.worst({FindingKind::kTimeWaitLimit}))},
      {reuse_in_words(snapshot.settings)}};
  Text text;
  for (const Span& fact : facts) add_fact(text, fact, layout);
  return text;
}

}  // namespace timewait::report
