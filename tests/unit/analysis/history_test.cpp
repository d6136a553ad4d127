#include "analysis/history.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <string>

#include <gmock/gmock.h>

namespace timewait::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr std::chrono::steady_clock::time_point kStart{std::chrono::hours(1)};

Peer peer_with(std::string name, std::uint32_t used, std::optional<double> arrival_rate = {}) {
  Peer peer;
  peer.name = std::move(name);
  peer.headroom = {100, used, 0, 0};
  peer.arrival_rate = arrival_rate;
  return peer;
}

Snapshot snapshot_at(std::chrono::steady_clock::duration since_start,
                     std::vector<Peer> configured = {}, std::vector<Peer> discovered = {}) {
  Snapshot snapshot;
  snapshot.forecast_from = kStart + since_start;
  snapshot.configured_peers = std::move(configured);
  snapshot.discovered_peers = std::move(discovered);
  return snapshot;
}

std::vector<std::string> names_of(const std::vector<PeerCourse>& courses) {
  std::vector<std::string> names;
  names.reserve(courses.size());
  for (const PeerCourse& course : courses) names.emplace_back(course.name);
  return names;
}

// Records a poll at each multiple of `interval` and returns the times of the points, in ms since
// the start.
std::vector<std::int64_t> points_of_polls_every(milliseconds interval, milliseconds until) {
  HistoryRecorder recorder;
  std::shared_ptr<const History> history;
  for (milliseconds at{0}; at <= until; at += interval) history = recorder.record(snapshot_at(at));
  std::vector<std::int64_t> times;
  times.reserve(history->size());
  for (const auto& point : *history) {
    times.push_back(std::chrono::duration_cast<milliseconds>(point->taken_at - kStart).count());
  }
  return times;
}

TEST(History, ManyPollsMakeAPointInFiveSeconds) {
  EXPECT_THAT(points_of_polls_every(milliseconds(100), seconds(20)),
              ElementsAre(0, 4'500, 9'500, 14'500, 19'500));
}

TEST(History, RarePollsAreAllPoints) {
  EXPECT_THAT(points_of_polls_every(seconds(5), seconds(20)),
              ElementsAre(0, 5'000, 10'000, 15'000, 20'000));
  EXPECT_THAT(points_of_polls_every(seconds(7), seconds(21)),
              ElementsAre(0, 7'000, 14'000, 21'000));
}

// The interval of polls is kept on average only.
TEST(History, APollThatIsSlightlyEarlyIsNotLeftOut) {
  HistoryRecorder recorder;
  recorder.record(snapshot_at(milliseconds(3)));
  recorder.record(snapshot_at(milliseconds(4'999)));
  recorder.record(snapshot_at(milliseconds(10'002)));
  EXPECT_EQ(recorder.record(snapshot_at(milliseconds(14'998)))->size(), 4u);
}

TEST(History, APauseIsNotMadeUpFor) {
  HistoryRecorder recorder;
  recorder.record(snapshot_at(seconds(0)));
  recorder.record(snapshot_at(seconds(60)));
  for (milliseconds at(60'100); at < milliseconds(62'000); at += milliseconds(100)) {
    EXPECT_EQ(recorder.record(snapshot_at(at))->size(), 2u);
  }
}

TEST(History, IsTenMinutesLongAndBounded) {
  for (const milliseconds interval :
       {milliseconds(100), milliseconds(1'700), milliseconds(5'000)}) {
    const std::vector<std::int64_t> times = points_of_polls_every(interval, minutes(25));
    EXPECT_LE(times.size(), HistoryRecorder::kMaxPoints) << interval.count();
    EXPECT_GE(times.size(), HistoryRecorder::kMaxPoints - 3) << interval.count();
    EXPECT_LE(times.back() - times.front(), 600'000) << interval.count();
  }
  EXPECT_EQ(points_of_polls_every(seconds(60), minutes(25)).size(), 11u);
}

// However the polls come.
TEST(History, IsBoundedWhenPollsAreIrregular) {
  for (const int longest_ms : {300, 2'600, 6'000, 9'000}) {
    std::minstd_rand random(1);
    HistoryRecorder recorder;
    std::size_t most = 0;
    for (milliseconds at{0}; at < minutes(200);
         at += milliseconds(random() % static_cast<unsigned>(longest_ms))) {
      most = std::max(most, recorder.record(snapshot_at(at))->size());
    }
    EXPECT_LE(most, HistoryRecorder::kMaxPoints) << longest_ms;
    EXPECT_GT(most, HistoryRecorder::kMaxPoints / 2) << longest_ms;
  }
}

// A scrape that holds one is not disturbed by the next poll, and polls in between cost nothing.
TEST(History, IsTheSameObjectUntilThereIsAnotherPoint) {
  HistoryRecorder recorder;
  const auto first = recorder.record(snapshot_at(seconds(0)));
  EXPECT_EQ(recorder.record(snapshot_at(seconds(1))), first);
  const auto second = recorder.record(snapshot_at(seconds(5)));
  EXPECT_NE(second, first);
  EXPECT_EQ(first->size(), 1u);
  EXPECT_EQ(second->front(), first->front());
}

TEST(History, NamesAreSharedWhileTheyStay) {
  HistoryRecorder recorder;
  recorder.record(snapshot_at(seconds(0), {peer_with("b", 1)}, {peer_with("a", 2)}));
  recorder.record(snapshot_at(seconds(5), {peer_with("a", 3), peer_with("b", 4)}));
  const auto history = recorder.record(snapshot_at(seconds(10), {peer_with("a", 5)}));
  EXPECT_EQ((*history)[0]->peers, (*history)[1]->peers);
  EXPECT_NE((*history)[1]->peers, (*history)[2]->peers);
}

TEST(History, KeepsTheFiguresOfThePoll) {
  HistoryRecorder recorder;
  Snapshot snapshot = snapshot_at(seconds(0), {peer_with("db", 25, 12.5)}, {peer_with("x", 100)});
  snapshot.time_wait_sockets = 42;
  const auto history = recorder.record(snapshot);
  EXPECT_EQ(history->front()->time_wait_sockets, 42u);
  EXPECT_THAT(*history->front()->peers, ElementsAre("db", "x"));
  EXPECT_THAT(history->front()->figures,
              ElementsAre(PeerFigures{0.75f, 12.5f}, PeerFigures{0, std::nullopt}));
}

TEST(History, CoursesAreAbsentWhereAPeerWasNotShown) {
  HistoryRecorder recorder;
  recorder.record(snapshot_at(seconds(0), {peer_with("old", 10)}));
  recorder.record(snapshot_at(seconds(5), {peer_with("old", 20)}, {peer_with("also", 5)}));
  const auto history = recorder.record(snapshot_at(seconds(10), {peer_with("new", 30)}));
  const std::vector<PeerCourse> courses = courses_of(*history);
  ASSERT_THAT(names_of(courses), ElementsAre("also", "new", "old"));
  const auto left = [](float share) { return std::optional<PeerFigures>({share, std::nullopt}); };
  EXPECT_THAT(courses[0].figures, ElementsAre(std::nullopt, left(0.95f), std::nullopt));
  EXPECT_THAT(courses[1].figures, ElementsAre(std::nullopt, std::nullopt, left(0.7f)));
  EXPECT_THAT(courses[2].figures, ElementsAre(left(0.9f), left(0.8f), std::nullopt));
}

TEST(History, ANameThatIsGoneDropsOutAfterTenMinutes) {
  HistoryRecorder recorder;
  recorder.record(snapshot_at(seconds(0), {peer_with("gone", 1)}));
  auto history = recorder.record(snapshot_at(minutes(10), {peer_with("db", 1)}));
  EXPECT_THAT(names_of(courses_of(*history)), ElementsAre("db", "gone"));
  history = recorder.record(snapshot_at(minutes(10) + seconds(5), {peer_with("db", 1)}));
  EXPECT_THAT(names_of(courses_of(*history)), ElementsAre("db"));
}

TEST(History, OfNothingIsNothing) { EXPECT_TRUE(courses_of({}).empty()); }

}  // namespace
}  // namespace timewait::analysis
