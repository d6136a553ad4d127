// The polling thread shows that it goes on, and only as long as it does.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "polling/poll_loop.h"
#include "scripted_source.h"

namespace timewait::polling {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class HeartbeatTest : public testing::Test {
 protected:
  PollLoop& start(milliseconds interval, milliseconds longest_pause) {
    loop_.emplace(
        PollPlan{{}, {}, interval, 1}, [this] { return std::make_unique<ScriptedSource>(script_); },
        log_, published_);
    loop_->set_heartbeat({longest_pause, [this] { ++beats_; }});
    loop_->start();
    return *loop_;
  }

  static void wait_for(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(10);
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

  Script script_;
  std::atomic<int> beats_ = 0;
  const logging::Log log_{logging::LogLevel::kError, logging::LogFormat::kLogfmt};
  Published published_;
  std::optional<PollLoop> loop_;
};

TEST_F(HeartbeatTest, BeatsWhileItWaits) {
  start(seconds(30), milliseconds(2));
  wait_for([&] { return beats_ >= 5; });
  EXPECT_EQ(published_.version(), 0);  // no poll has ended yet
}

TEST_F(HeartbeatTest, BeatsWithEachPollAndEachPublication) {
  start(milliseconds(5), std::chrono::hours(1));
  wait_for([&] { return published_.version() >= 3; });
  loop_->stop();
  EXPECT_EQ(beats_, 2 * static_cast<int>(published_.version()));
}

TEST_F(HeartbeatTest, IsSilentInAPollThatIsStuck) {
  Act stuck;
  stuck.takes = milliseconds(400);
  script_.set({stuck});
  start(milliseconds(50), milliseconds(2));
  wait_for([&] { return published_.version() >= 1; });
  const auto begin = std::chrono::steady_clock::now();
  wait_for([&] { return published_.version() >= 2; });
  const auto taken = std::chrono::steady_clock::now() - begin;
  loop_->stop();
  // Every 2 ms, had the 400 ms of a poll not been silent.
  EXPECT_LT(beats_, taken / milliseconds(2) / 2);
}

TEST_F(HeartbeatTest, AReloadDoesNotWaitForIt) {
  PollLoop& loop = start(seconds(30), std::chrono::hours(1));
  loop.reconfigure({{}, {}, seconds(30), 1});
  wait_for([&] { return published_.version() >= 1; });
}

TEST_F(HeartbeatTest, ARequestDoesNotWaitForThePollThatIsUnderWay) {
  Act slow;
  slow.takes = milliseconds(300);
  script_.set({slow});
  PollLoop& loop = start(seconds(30), std::chrono::hours(1));
  for (const seconds interval : {seconds(31), seconds(32), seconds(33)}) {
    loop.request({{}, {}, interval, 1});
  }
  EXPECT_EQ(published_.version(), 0);
  wait_for([&] { return published_.get().spacing.configured == seconds(33); });
}

}  // namespace
}  // namespace timewait::polling
