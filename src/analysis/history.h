// The last ten minutes of a network namespace, coarsely, for small graphs.
//
// Memory is bounded: 121 points at most, each with 12 bytes for every peer that it shows, and a
// list of the peers' names that neighbouring points share as long as it stays the same.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/snapshot.h"

namespace timewait::analysis {

// Of a peer's tightest pool at one moment.
struct PeerFigures {
  float effective_headroom = 0;       // share of the capacity, 0 to 1
  std::optional<float> arrival_rate;  // ports newly taken a second; absent without a pool

  bool operator==(const PeerFigures&) const = default;
};

struct HistoryPoint {
  std::chrono::steady_clock::time_point taken_at;
  std::uint64_t time_wait_sockets = 0;
  std::shared_ptr<const std::vector<std::string>> peers;  // those shown, by name
  std::vector<PeerFigures> figures;                       // one for each of them
};

// Oldest first. Immutable once published.
using History = std::vector<std::shared_ptr<const HistoryPoint>>;

// Keeps the history of one network namespace. Not thread-safe.
class HistoryRecorder {
 public:
  static constexpr std::chrono::minutes kLength{10};
  static constexpr std::chrono::seconds kSpacing{5};  // between points, where polls are nearer
  static constexpr std::size_t kMaxPoints = kLength / kSpacing + 1;

  // The history up to this snapshot. It is the same object as before where the last point is not
  // old enough for another one.
  std::shared_ptr<const History> record(const Snapshot& snapshot);

 private:
  std::shared_ptr<const History> history_;
  std::chrono::steady_clock::time_point next_due_;
};

// One peer throughout a history.
struct PeerCourse {
  std::string_view name;                            // of the history's
  std::vector<std::optional<PeerFigures>> figures;  // one for each point; absent: not shown then
};

// Every peer that some point shows, by name. Valid as long as the history is.
std::vector<PeerCourse> courses_of(const History& history);

}  // namespace timewait::analysis
