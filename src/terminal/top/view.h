// How a person wants to see the figures, and how keys change that. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/peer_rows.h"
#include "terminal/top/key.h"

namespace timewait::terminal::top {

// What the peers are ordered by.
enum class Order { kTightest, kPeer, kTimeWait, kEstablished, kArrivals, kRunsOutIn };

inline constexpr std::array<std::string_view, 6> kOrderNames = {
    "tightest first",         "peers by name",       "most TIME_WAIT first",
    "most established first", "most arrivals first", "what runs out first"};

struct View {
  enum class Page { kTables, kHelp, kNamespaces };

  Page page = Page::kTables;
  Order order = Order::kTightest;
  bool reversed = false;
  std::string filter{};    // what the names of peers hold, whatever the case; empty: all are shown
  bool is_typing = false;  // the filter
  bool is_paused = false;
  std::size_t scroll = 0;  // lines of the tables above those that are shown
  std::size_t chosen = 0;  // of the network namespaces, the one that Enter shows
};

// What a key asks for that a view cannot do by itself.
enum class Request { kNone, kQuit, kFindNamespaces, kShowChosen };

// How far keys may move: as was last drawn.
struct Extent {
  std::size_t page = 1;         // lines of the tables that are shown at once
  std::size_t last_scroll = 0;  // with which their end shows
  std::size_t namespaces = 0;   // to choose from
};

Request press(View& view, const Key& key, const Extent& extent);

// Those of the rows that the filter lets through, in the view's order; the rows come tightest
// first.
std::vector<report::PeerRow> arranged(std::vector<report::PeerRow> rows, const View& view);

}  // namespace timewait::terminal::top
