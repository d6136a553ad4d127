#include "terminal/top/pages.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace timewait::terminal::top {
namespace {

using report::Line;
using report::Style;
using report::Text;

Line choice_line(const NamespaceChoice& choice, bool is_chosen, const Scene& scene) {
  Line line = {{is_chosen ? "> " : "  "},
               {choice.path.empty() ? scene.own_name : choice.name,
                is_chosen ? Style::kHeading : Style::kPlain}};
  if (choice.name == scene.netns.name) line.push_back({"  (shown)"});
  if (!choice.path.empty()) line.push_back({"  " + choice.path, Style::kFaint});
  if (!choice.obstacle.empty()) {
    line.push_back({"  " + choice.obstacle, Style::kWarning});
  }
  return line;
}

}  // namespace

Text help_text() {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kKeys = {{
      {"s >  <", "order by the next column, by the one before"},
      {"r", "reverse the order"},
      {"/", "show the peers whose name holds what you type; Esc shows all"},
      {"p Space", "pause, and go on"},
      {"n", "look into another network namespace"},
      {"arrows, PgUp, PgDn, Home, End", "scroll"},
      {"Ctrl-Z", "stop; fg goes on"},
      {"q Ctrl-C", "quit"},
      {"h ?", "this help; any key leaves it"},
  }};
  std::size_t width = 0;
  for (const auto& [keys, meaning] : kKeys) width = std::max(width, keys.size());
  Text text = {{{"Keys", Style::kHeading}}};
  for (const auto& [keys, meaning] : kKeys) {
    text.push_back({{std::string(keys), Style::kHeading},
                    {std::string(width + 2 - keys.size(), ' ') + std::string(meaning)}});
  }
  return text;
}

Text namespaces_text(const View& view, const Scene& scene, std::size_t rows) {
  Text text = {{{"Network namespaces", Style::kHeading}, {": Enter shows one, Esc none"}}};
  if (!scene.others) {
    text.push_back({{"Looking for them."}});
    return text;
  }
  const std::size_t room = rows > text.size() ? rows - text.size() : 0;
  const std::size_t first = view.chosen >= room ? view.chosen + 1 - room : 0;
  for (std::size_t i = first; i < scene.others->choices.size(); ++i) {
    text.push_back(choice_line(scene.others->choices[i], i == view.chosen, scene));
  }
  if (!scene.others->remark.empty()) text.push_back({{scene.others->remark, Style::kFaint}});
  return text;
}

}  // namespace timewait::terminal::top
