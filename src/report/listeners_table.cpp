#include <algorithm>

#include "analysis/wording.h"
#include "inet/tcp_state.h"
#include "report/severity.h"
#include "report/table.h"
#include "report/tables.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::Listener;
using inet::TcpState;

std::string queue_cell(const Listener& listener) {
  const std::string waiting = analysis::in_words(listener.accept_queue);
  if (!listener.accept_queue_limit) return waiting;
  return waiting + "/" + analysis::in_words(*listener.accept_queue_limit);
}

std::string count_cell(const Listener& listener, TcpState state) {
  return analysis::in_words(listener.group.sockets[state]);
}

}  // namespace

Text listeners_table(const analysis::NamespaceState& state, const std::vector<Finding>& findings,
                     const Layout& layout) {
  const std::vector<Listener>& listeners = state.snapshot->listeners;
  if (listeners.empty()) return {};
  const bool has_close_wait = std::any_of(
      listeners.begin(), listeners.end(),
      [](const Listener& listener) { return listener.group.sockets[TcpState::kCloseWait] > 0; });
  std::vector<Column> columns = {
      {"LISTENER", 0, Align::kLeft, true}, {"ESTAB", 2}, {"TIME_WAIT", 3}, {"ACCEPT QUEUE", 1}};
  if (has_close_wait) columns.push_back({"CLOSE_WAIT", 4});
  std::vector<Row> rows;
  for (const Listener& listener : listeners) {
    const Style style = style_of(worst_of(findings, [&](const Finding& finding) {
      return finding.netns == state.name && finding.listener == listener.name;
    }));
    Row row = {{listener.name, style},
               {count_cell(listener, TcpState::kEstablished)},
               {count_cell(listener, TcpState::kTimeWait)},
               {queue_cell(listener), style}};
    if (has_close_wait) row.push_back({count_cell(listener, TcpState::kCloseWait)});
    rows.push_back(std::move(row));
  }
  return table(columns, rows, layout);
}

}  // namespace timewait::report
