#include <algorithm>
#include <string>
#include <vector>

#include "analysis/wording.h"
#include "inet/tcp_state.h"
#include "report/found.h"
#include "report/table.h"
#include "report/tables.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::Listener;
using inet::TcpState;

std::string queue_cell(const Listener& listener) {
  std::string waiting = analysis::in_words(listener.accept_queue);
  if (!listener.accept_queue_limit) return waiting;
  return waiting + "/" + analysis::in_words(*listener.accept_queue_limit);
}

std::string count_cell(const Listener& listener, TcpState state) {
  return analysis::in_words(listener.group.sockets[state]);
}

// CLOSE_WAIT comes last.
Row cells_of(const Listener& listener, const std::string& netns,
             const std::vector<Finding>& findings) {
  const Found found(findings, [&](const Finding& finding) {
    return finding.netns == netns && finding.listener == listener.name;
  });
  return {{listener.name, style_of(found.worst())},
          {count_cell(listener, TcpState::kEstablished)},
          {count_cell(listener, TcpState::kTimeWait)},
          {queue_cell(listener), style_of(found.worst({FindingKind::kAcceptQueue}))},
          {count_cell(listener, TcpState::kCloseWait),
           style_of(found.worst({FindingKind::kCloseWait}))}};
}

}  // namespace

Text listeners_table(const analysis::NamespaceState& state, const std::vector<Finding>& findings,
                     const Layout& layout) {
  const std::vector<Listener>& listeners = state.snapshot->listeners;
  if (listeners.empty()) return {};
  std::vector<Column> columns = {
      {"LISTENER", 0, Align::kLeft, true}, {"ESTAB", 2}, {"TIME_WAIT", 3}, {"ACCEPT QUEUE", 1}};
  const bool has_close_wait = std::any_of(
      listeners.begin(), listeners.end(),
      [](const Listener& each) { return each.group.sockets[TcpState::kCloseWait] > 0; });
  if (has_close_wait) columns.push_back({"CLOSE_WAIT", 4});
  std::vector<Row> rows;
  for (const Listener& listener : listeners) {
    rows.push_back(cells_of(listener, state.name, findings));
    if (!has_close_wait) rows.back().pop_back();
  }
  return table(columns, rows, layout);
}

}  // namespace timewait::report
