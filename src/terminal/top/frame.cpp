#include "terminal/top/frame.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/findings.h"
#include "analysis/wording.h"
#include "diagnosis/unknown.h"
#include "report/display_width.h"
#include "report/finding_text.h"
#include "report/line.h"
#include "report/peer_rows.h"
#include "report/tables.h"
#include "report/verdict.h"
#include "terminal/top/pages.h"
#include "terminal/top/sections.h"

namespace timewait::terminal::top {
namespace {

using analysis::Finding;
using analysis::NamespaceState;
using report::Layout;
using report::Line;
using report::Style;
using report::Text;

constexpr std::size_t kRowsForTwoLines = 12;  // of a screen where a sentence may take two
constexpr std::size_t kRowsForKeys = 6;

constexpr std::string_view kIsolate = "\u2068\u2069";  // what begins one, and what ends it

// The state of the namespace that is shown; null before the first poll.
const NamespaceState* state_of(const Scene& scene) {
  const auto& all = scene.state.namespaces;
  const auto found = std::find_if(all.begin(), all.end(), [&](const NamespaceState& each) {
    return each.name == scene.netns.name;
  });
  return found == all.end() ? nullptr : &*found;
}

// --- The lines above ---

void add(Line& line, std::string text, Style style = Style::kPlain) {
  if (!line.empty()) line.push_back({"  "});
  line.push_back({std::move(text), style});
}

void add_age(Line& line, const Scene& scene, const analysis::Snapshot& snapshot) {
  const std::chrono::duration<double> age = scene.now - snapshot.forecast_from;
  add(line, "polled " + analysis::duration_in_words(age.count()) + " ago");
  const analysis::PollSpacing& spacing = scene.state.spacing;
  if (spacing.actual <= spacing.configured) return;
  const std::chrono::duration<double> apart = spacing.actual;
  add(line, "every " + analysis::duration_in_words(apart.count()));
}

Line status_line(const View& view, const Scene& scene, const NamespaceState* state) {
  Line line;
  add(line, scene.time_of_day, Style::kHeading);
  if (view.is_paused) add(line, "PAUSED", Style::kWarning);
  add(line, scene.netns.path.empty() ? scene.own_name : "network namespace " + scene.netns.name);
  if (state != nullptr && state->snapshot) add_age(line, scene, *state->snapshot);
  const std::string_view order = kOrderNames[static_cast<std::size_t>(view.order)];
  add(line, std::string(order) + (view.reversed ? ", reversed" : ""));
  if (!view.filter.empty()) add(line, "filter \"" + view.filter + "\"");
  return line;
}

// The worst of what was found in the namespace that is shown, in no more lines than there are.
Text verdict(const NamespaceState& state, const std::vector<Finding>& findings,
             const Layout& layout, std::size_t lines) {
  Text text;
  // The most urgent comes first.
  const auto worst = findings.empty() ? std::nullopt : std::optional(findings.front().severity);
  const auto all_clear = report::all_clear(worst, diagnosis::proviso_in(state));
  if (all_clear) text.push_back({*all_clear});
  if (!findings.empty()) {
    Finding first = findings.front();
    if (findings.size() > 1) {
      first.text += " And " + analysis::in_words(findings.size() - 1) + " more: timewait diagnose";
    }
    report::append(text, report::finding_text(first, layout));
  }
  if (text.size() > lines) text.resize(lines);
  return text;
}

std::vector<Finding> findings_here(const Scene& scene) {
  std::vector<Finding> findings = analysis::findings_of(scene.state, scene.as_of);
  std::erase_if(findings, [&](const Finding& each) { return each.netns != scene.netns.name; });
  return findings;
}

// --- The tables ---

Section peers_section(const View& view, const Scene& scene, const NamespaceState& state,
                      const std::vector<Finding>& findings, const Layout& layout) {
  const auto all = report::peer_rows(state, findings, scene.as_of);
  const auto rows = arranged(all, view);
  if (!rows.empty() || all.empty()) return report::peers_table(rows, layout);
  return report::paragraph({},
                           {"None of " + analysis::in_words(all.size()) + " peers has \"" +
                            view.filter + "\" in its name."},
                           layout);
}

std::vector<Section> table_sections(const View& view, const Scene& scene,
                                    const NamespaceState* state,
                                    const std::vector<Finding>& findings, const Layout& layout) {
  if (state == nullptr) return {{{{"Reading the kernel's sockets."}}}};
  if (!state->snapshot) return {{{{"There are no figures."}}}};
  std::vector<Section> sections = {peers_section(view, scene, *state, findings, layout)};
  Section listeners = report::listeners_table(*state, findings, layout);
  if (!listeners.empty()) sections.push_back(std::move(listeners));
  sections.push_back(report::host_lines(*state, findings, layout));
  return sections;
}

// --- All of it ---

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), by);
    at += by.size();
  }
}

Text page_text(View& view, const Scene& scene, const std::vector<Section>& sections,
               const Extent& extent) {
  switch (view.page) {
    case View::Page::kTables:
      view.scroll = std::min(view.scroll, extent.last_scroll);
      return scrolled(sections, view.scroll, extent.page);
    case View::Page::kHelp:
      return help_text();
    case View::Page::kNamespaces:
      return namespaces_text(view, scene, extent.page);
  }
  return {};
}

Line last_line(const View& view) {
  if (!view.is_typing) {
    return {{"h help  q quit  s order  r reverse  / filter  p pause  n namespace", Style::kFaint}};
  }
  return {{"Filter: "}, {view.filter}};
}

// Names come from whoever may make one: nothing of them is for the terminal to obey. Those that may
// be written from right to left are in isolates; but a character without width cannot stand first
// on a screen of cells, so a left-to-right mark behind them does the same.
void make_drawable(Line& line, const Layout& layout) {
  for (report::Span& span : line) {
    replace_all(span.text, kIsolate.substr(0, kIsolate.size() / 2), "");
    replace_all(span.text, kIsolate.substr(kIsolate.size() / 2), "\u200e");
    span.text = report::printable(span.text, layout.utf8);
  }
}

}  // namespace

Frame draw_frame(View& view, const Scene& scene, const Layout& layout, std::size_t rows) {
  const NamespaceState* const state = state_of(scene);
  const std::vector<Finding> findings = findings_here(scene);
  Frame frame{.lines = {status_line(view, scene, state)}, .cursor = std::nullopt, .extent = {}};
  if (state != nullptr) {
    const std::size_t lines = rows >= kRowsForTwoLines ? 2 : 1;
    report::append(frame.lines, verdict(*state, findings, layout, lines));
  }
  const bool has_last_line = view.is_typing || rows >= kRowsForKeys;
  const std::size_t room = rows - has_last_line;
  if (frame.lines.size() > room) frame.lines.resize(room);

  const std::vector<Section> sections = table_sections(view, scene, state, findings, layout);
  const std::size_t height = height_of(sections);
  frame.extent.page = room - frame.lines.size();
  frame.extent.last_scroll = height - std::min(height, frame.extent.page);
  frame.extent.namespaces = scene.others ? scene.others->choices.size() : 0;
  report::append(frame.lines, page_text(view, scene, sections, frame.extent));
  frame.lines.resize(room);
  if (has_last_line) frame.lines.push_back(last_line(view));
  for (Line& line : frame.lines) make_drawable(line, layout);
  if (view.is_typing) frame.cursor = report::width_of(frame.lines.back());
  for (Line& line : frame.lines) line = report::clipped(line, layout.columns);
  return frame;
}

}  // namespace timewait::terminal::top
