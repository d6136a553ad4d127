#include "analysis/history.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace timewait::analysis {
namespace {

// Polls are never quite as far apart as they should be.
constexpr std::chrono::milliseconds kTolerance{500};

std::vector<const Peer*> peers_by_name(const Snapshot& snapshot) {
  std::vector<const Peer*> peers;
  peers.reserve(snapshot.configured_peers.size() + snapshot.discovered_peers.size());
  for (const auto* shown : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const Peer& peer : *shown) peers.push_back(&peer);
  }
  std::sort(peers.begin(), peers.end(),
            [](const Peer* a, const Peer* b) { return a->name < b->name; });
  return peers;
}

PeerFigures figures_of(const Peer& peer) {
  PeerFigures figures;
  figures.effective_headroom = static_cast<float>(peer.headroom.effective_ratio());
  if (peer.arrival_rate) figures.arrival_rate = static_cast<float>(*peer.arrival_rate);
  return figures;
}

// `last`: the point before, whose names are shared if they are the same; may be null.
std::shared_ptr<const HistoryPoint> point_of(const Snapshot& snapshot, const HistoryPoint* last) {
  auto point = std::make_shared<HistoryPoint>();
  point->taken_at = snapshot.forecast_from;
  point->time_wait_sockets = snapshot.time_wait_sockets;
  const std::vector<const Peer*> peers = peers_by_name(snapshot);
  point->figures.reserve(peers.size());
  for (const Peer* peer : peers) point->figures.push_back(figures_of(*peer));

  const auto has_name = [](const Peer* peer, const std::string& name) {
    return peer->name == name;
  };
  if (last != nullptr &&
      std::equal(peers.begin(), peers.end(), last->peers->begin(), last->peers->end(), has_name)) {
    point->peers = last->peers;
    return point;
  }
  auto names = std::make_shared<std::vector<std::string>>();
  names->reserve(peers.size());
  for (const Peer* peer : peers) names->push_back(peer->name);
  point->peers = std::move(names);
  return point;
}

}  // namespace

std::shared_ptr<const History> HistoryRecorder::record(const Snapshot& snapshot) {
  const auto now = snapshot.forecast_from;
  if (history_ && now + kTolerance < next_due_) return history_;
  // On a grid, which is left only where polls are late by half of the spacing: so however they
  // come, no more than kMaxPoints are within the length.
  next_due_ = (history_ ? std::max(next_due_, now - kSpacing / 2) : now) + kSpacing;

  auto history = std::make_shared<History>();
  history->reserve(kMaxPoints);
  if (history_) {
    std::copy_if(history_->begin(), history_->end(), std::back_inserter(*history),
                 [now](const auto& point) { return now - point->taken_at <= kLength; });
  }
  history->push_back(point_of(snapshot, history_ ? history_->back().get() : nullptr));
  history_ = std::move(history);
  return history_;
}

std::vector<PeerCourse> courses_of(const History& history) {
  std::vector<std::string_view> names;
  const std::vector<std::string>* last = nullptr;
  for (const auto& point : history) {
    if (point->peers.get() == last) continue;
    last = point->peers.get();
    names.insert(names.end(), last->begin(), last->end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());

  std::vector<PeerCourse> courses;
  courses.reserve(names.size());
  for (const std::string_view name : names) {
    courses.push_back({name, std::vector<std::optional<PeerFigures>>(history.size())});
  }
  for (std::size_t at = 0; at < history.size(); ++at) {
    const HistoryPoint& point = *history[at];
    auto course = courses.begin();  // both are sorted by name
    for (std::size_t i = 0; i < point.figures.size(); ++i) {
      while (course->name != (*point.peers)[i]) ++course;
      course->figures[at] = point.figures[i];
    }
  }
  return courses;
}

}  // namespace timewait::analysis
