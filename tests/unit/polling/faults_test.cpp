// What a scrape shows while the kernel fails, is slow, or comes back.

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <prometheus/metric_family.h>

#include "exposition/collect.h"
#include "polling/poll_loop.h"
#include "scripted_source.h"

namespace timewait::polling {
namespace {

using inet::TcpState;
using reading::FailureReason;
using std::chrono::milliseconds;
using std::chrono::seconds;

reading::SocketRecord open_socket(std::uint16_t port, TcpState state = TcpState::kEstablished) {
  reading::SocketRecord socket;
  socket.local = {inet::Address::parse("10.0.0.1").value(), port};
  socket.remote = {inet::Address::parse("10.0.0.9").value(), 5432};
  socket.state = state;
  socket.cookie = port;
  socket.time_wait_left = seconds(30);
  return socket;
}

Act good(int sockets) {
  Act act;
  for (int i = 0; i < sockets; ++i) {
    act.sockets.push_back(open_socket(static_cast<std::uint16_t>(40000 + i), TcpState::kTimeWait));
  }
  return act;
}

// A few sockets come, and then that.
Act broken_off(FailureReason reason) {
  Act act = good(3);
  act.failure = reading::ReadFailure{reason, "so it is in the script"};
  return act;
}

class FaultsTest : public testing::Test {
 protected:
  FaultsTest() {
    plan_.rules.rules.peers = {{"db", {{inet::Cidr::parse("10.0.0.9/32"), std::nullopt, {}, {}}}}};
    plan_.interval = milliseconds(20);
  }

  PollLoop& loop() {
    if (!loop_) {
      loop_.emplace(
          plan_, [this] { return std::make_unique<ScriptedSource>(script_); }, log_, published_);
    }
    return *loop_;
  }

  // The value of the series with these label values.
  double shown(const std::string& name, const std::vector<std::string>& labels = {}) const {
    exposition::Input input;
    input.state = published_.get();
    input.now = std::chrono::steady_clock::now();
    for (const prometheus::MetricFamily& family : exposition::collect(input)) {
      if (family.name != name) continue;
      for (const auto& series : family.metric) {
        std::vector<std::string> values;
        for (const auto& label : series.label) values.push_back(label.value);
        if (values != labels) continue;
        return family.type == prometheus::MetricType::Counter ? series.counter.value
                                                              : series.gauge.value;
      }
    }
    return -1;
  }

  double used() const { return shown("timewait_outbound_ports_used", {"db"}); }
  double entered() const { return shown("timewait_outbound_time_wait_entered_total", {"db"}); }
  double succeeded() const { return shown("timewait_exporter_poll_success"); }
  double polls() const { return shown("timewait_exporter_polls_total"); }
  double polled_at() const { return shown("timewait_exporter_last_poll_timestamp_seconds"); }
  std::optional<reading::ReadFailure> failure() const {
    return published_.get().namespaces.at(0).failure;
  }
  double errors(std::string_view reason) const {
    return shown("timewait_exporter_poll_errors_total", {std::string(reason)});
  }

  static bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      if (holds()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  Script script_;
  PollPlan plan_;
  const logging::Log log_{logging::LogLevel::kError, logging::LogFormat::kLogfmt};
  Published published_;
  std::optional<PollLoop> loop_;
};

class EveryFailure : public FaultsTest, public testing::WithParamInterface<FailureReason> {};

TEST_P(EveryFailure, KeepsTheLastGoodFiguresAndShowsTheirAge) {
  script_.set({good(7), broken_off(GetParam()), broken_off(GetParam()), good(8)});
  loop().poll_once();
  const double at_first = polled_at();
  EXPECT_EQ(used(), 7);
  EXPECT_EQ(succeeded(), 1);

  loop().poll_once();
  const auto failure = loop().poll_once();
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->reason, GetParam());
  EXPECT_EQ(used(), 7);
  EXPECT_EQ(entered(), 7);
  EXPECT_EQ(polled_at(), at_first);
  EXPECT_EQ(succeeded(), 0);
  EXPECT_EQ(polls(), 3);
  EXPECT_EQ(errors(reading::name_of(GetParam())), 2);
  ASSERT_TRUE(this->failure().has_value());
  EXPECT_EQ(this->failure()->message, "so it is in the script");

  loop().poll_once();
  EXPECT_FALSE(this->failure().has_value());
  EXPECT_EQ(used(), 8);
  EXPECT_EQ(entered(), 8);  // what the broken dumps showed is not counted twice
  EXPECT_EQ(succeeded(), 1);
  EXPECT_GT(polled_at(), at_first);
  EXPECT_EQ(errors(reading::name_of(GetParam())), 2);
}

INSTANTIATE_TEST_SUITE_P(Reasons, EveryFailure,
                         testing::Values(FailureReason::kUnavailable, FailureReason::kSend,
                                         FailureReason::kReceive, FailureReason::kTimeout,
                                         FailureReason::kOverrun, FailureReason::kTruncated,
                                         FailureReason::kMalformed, FailureReason::kKernelError,
                                         FailureReason::kInterrupted),
                         [](const auto& reason) {
                           return std::string(reading::name_of(reason.param));
                         });

TEST_F(FaultsTest, AMissingSysctlIsAFailureToo) {
  Act act;
  act.no_settings = reading::ReadFailure{FailureReason::kSettings, "no port range"};
  script_.set({good(2), act});
  loop().poll_once();
  loop().poll_once();
  EXPECT_EQ(used(), 2);
  EXPECT_EQ(errors("settings"), 1);
}

TEST_F(FaultsTest, NothingIsShownBeforeTheFirstGoodPoll) {
  script_.set({broken_off(FailureReason::kOverrun)});
  loop().poll_once();
  EXPECT_EQ(used(), -1);
  EXPECT_EQ(polls(), 1);
  EXPECT_EQ(succeeded(), 0);
}

TEST_F(FaultsTest, APollLongerThanTheIntervalSkipsWhatItMissed) {
  Act slow = good(1);
  slow.takes = milliseconds(90);
  script_.set({slow});
  const auto begin = std::chrono::steady_clock::now();
  loop().start();
  EXPECT_TRUE(eventually([&] { return polls() >= 4; }));
  const auto taken = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(taken, milliseconds(4 * 100));  // each at a multiple of the interval
  EXPECT_EQ(succeeded(), 1);

  // Not one of those that were missed is made up for.
  script_.set({good(2)});
  EXPECT_TRUE(eventually([&] { return used() == 2; }));
  const double polls_by_then = polls();
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_LE(polls() - polls_by_then, 11);
}

TEST_F(FaultsTest, AScrapeDoesNotWaitForASlowKernel) {
  Act slow = good(5);
  slow.takes = milliseconds(500);
  script_.set({good(3), slow});
  loop().poll_once();
  loop().start();
  std::this_thread::sleep_for(milliseconds(100));  // in the middle of the slow one
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(used(), 3);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(100));
  EXPECT_TRUE(eventually([&] { return used() == 5; }));
}

TEST_F(FaultsTest, AFailingKernelIsAskedAgainAndAgain) {
  script_.set({broken_off(FailureReason::kTimeout), broken_off(FailureReason::kOverrun),
               broken_off(FailureReason::kMalformed), good(4)});
  loop().start();
  EXPECT_TRUE(eventually([&] { return used() == 4; }));
  EXPECT_EQ(errors("timeout"), 1);
  EXPECT_EQ(errors("overrun"), 1);
  EXPECT_EQ(errors("malformed"), 1);
}

TEST_F(FaultsTest, AnotherPlanIsInForceWhenReconfigureReturns) {
  script_.set({good(4)});
  plan_.interval = seconds(30);
  loop().poll_once();
  loop().start();
  PollPlan plan = plan_;
  plan.rules.rules.peers[0].name = "orders";
  plan.rules.rules.peers.push_back({"new", {{std::nullopt, inet::PortRange{1, 1}, {}, {}}}});
  loop().reconfigure(plan);
  EXPECT_TRUE(eventually([&] { return shown("timewait_outbound_ports_used", {"orders"}) == 4; }));
  EXPECT_EQ(used(), -1);
  EXPECT_EQ(shown("timewait_outbound_ports_used", {"new"}), 0);
}

TEST_F(FaultsTest, CountersOfNamesThatStayGoOn) {
  script_.set({good(4), good(6)});
  plan_.interval = seconds(30);
  loop().poll_once();
  loop().start();
  PollPlan plan = plan_;
  plan.rules.rules.peers.push_back({"new", {{std::nullopt, inet::PortRange{1, 1}, {}, {}}}});
  loop().reconfigure(plan);
  EXPECT_TRUE(eventually([&] { return used() == 6; }));
  EXPECT_EQ(entered(), 6);
}

}  // namespace
}  // namespace timewait::polling
