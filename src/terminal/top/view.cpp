#include "terminal/top/view.h"

#include <algorithm>

namespace timewait::terminal::top {
namespace {

using report::PeerRow;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

void drop_last_character(std::string& text) {
  while (!text.empty() && is_continuation(text.back())) text.pop_back();
  if (!text.empty()) text.pop_back();
}

// Moves `position` as the key says, within 0 to `last`; false for any other key.
bool move(std::size_t& position, const Key& key, std::size_t page, std::size_t last) {
  position = std::min(position, last);
  page = std::max<std::size_t>(page, 1);
  const auto up = [&](std::size_t by) { position -= std::min(position, by); };
  const auto down = [&](std::size_t by) { position += std::min(last - position, by); };
  switch (key.name) {
    case Key::Name::kUp:
      up(1);
      return true;
    case Key::Name::kDown:
      down(1);
      return true;
    case Key::Name::kPageUp:
      up(page);
      return true;
    case Key::Name::kPageDown:
      down(page);
      return true;
    case Key::Name::kHome:
      position = 0;
      return true;
    case Key::Name::kEnd:
      position = last;
      return true;
    default:
      return false;
  }
}

Order neighbour(Order order, std::size_t steps) {
  return static_cast<Order>((static_cast<std::size_t>(order) + steps) % kOrderNames.size());
}

void type(View& view, const Key& key) {
  switch (key.name) {
    case Key::Name::kCharacter:
      view.filter += key.character;
      break;
    case Key::Name::kBackspace:
      drop_last_character(view.filter);
      break;
    case Key::Name::kEscape:
      view.filter.clear();
      view.is_typing = false;
      break;
    case Key::Name::kEnter:
      view.is_typing = false;
      break;
    default:
      break;
  }
  view.scroll = 0;
}

void set_order(View& view, Order order) {
  view.order = order;
  view.scroll = 0;
}

Request press_character(View& view, char character) {
  switch (character) {
    case 'q':
      return Request::kQuit;
    case 's':
    case '>':
      set_order(view, neighbour(view.order, 1));
      break;
    case '<':
      set_order(view, neighbour(view.order, kOrderNames.size() - 1));
      break;
    case 'r':
      view.reversed = !view.reversed;
      break;
    case '/':
      view.is_typing = true;
      break;
    case 'p':
    case ' ':
      view.is_paused = !view.is_paused;
      break;
    case 'h':
    case '?':
      view.page = View::Page::kHelp;
      break;
    case 'n':
      view.page = View::Page::kNamespaces;
      view.chosen = 0;
      return Request::kFindNamespaces;
    default:
      break;
  }
  return Request::kNone;
}

Request press_in_tables(View& view, const Key& key, const Extent& extent) {
  if (view.is_typing) {
    type(view, key);
    return Request::kNone;
  }
  if (key.name == Key::Name::kEscape) view.filter.clear();
  if (move(view.scroll, key, extent.page, extent.last_scroll)) return Request::kNone;
  return key.character.size() == 1 ? press_character(view, key.character.front()) : Request::kNone;
}

Request press_in_namespaces(View& view, const Key& key, const Extent& extent) {
  const std::size_t last = std::max<std::size_t>(extent.namespaces, 1) - 1;
  if (move(view.chosen, key, extent.page, last)) return Request::kNone;
  if (key.name == Key::Name::kEnter) {
    return extent.namespaces > 0 ? Request::kShowChosen : Request::kNone;
  }
  if (key.name == Key::Name::kEscape || key.character == "n" || key.character == "q") {
    view.page = View::Page::kTables;
  }
  return Request::kNone;
}

char lower(char byte) {
  return 'A' <= byte && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

bool passes(const PeerRow& row, const std::string& filter) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(row.peer.begin(), row.peer.end(), filter.begin(), filter.end(), same) !=
         row.peer.end();
}

// Whether it comes before the other.
bool comes_before(const PeerRow& a, const PeerRow& b, Order order) {
  switch (order) {
    case Order::kTightest:
      break;  // as they come
    case Order::kPeer:
      return a.peer < b.peer;
    case Order::kTimeWait:
      return a.time_wait > b.time_wait;
    case Order::kEstablished:
      return a.established > b.established;
    case Order::kArrivals:
      return a.arrival_rate > b.arrival_rate;  // what is not known comes last
    case Order::kRunsOutIn:
      return a.exhaustion_seconds < b.exhaustion_seconds;
  }
  return false;
}

}  // namespace

Request press(View& view, const Key& key, const Extent& extent) {
  switch (view.page) {
    case View::Page::kTables:
      return press_in_tables(view, key, extent);
    case View::Page::kHelp:
      view.page = View::Page::kTables;
      break;
    case View::Page::kNamespaces:
      return press_in_namespaces(view, key, extent);
  }
  return Request::kNone;
}

std::vector<PeerRow> arranged(std::vector<PeerRow> rows, const View& view) {
  if (!view.filter.empty()) {
    std::erase_if(rows, [&](const PeerRow& row) { return !passes(row, view.filter); });
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const PeerRow& a, const PeerRow& b) {
    return comes_before(a, b, view.order);
  });
  if (view.reversed) std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace timewait::terminal::top
