#include "resolve/host_resolver.h"

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dns_server.h"

namespace timewait::resolve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

inet::Address address(std::string_view text) { return inet::Address::parse(text).value(); }

std::vector<std::string> forty_names() {
  std::vector<std::string> names(40);
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = "db" + std::to_string(i) + ".test";
  return names;
}

class HostResolverTest : public testing::Test {
 protected:
  void start(const std::vector<std::string>& names, std::chrono::milliseconds timeout = 300ms) {
    auto resolver = HostResolver::start(names, {resolv_conf_, kServerPort, timeout});
    ASSERT_TRUE(resolver) << resolver.error().message;
    resolver_ = *std::move(resolver);
  }

  HostState state_of(const std::string& name) const { return resolver_->latest()->at(name); }

  // The state of the name as soon as it is as wished; after 20 seconds, as it is.
  HostState wait_for(const std::string& name,
                     const std::function<bool(const HostState&)>& is_as_wished) const {
    const Clock::time_point deadline = Clock::now() + 20s;
    HostState state = state_of(name);
    while (!is_as_wished(state) && Clock::now() < deadline) {
      std::this_thread::sleep_for(5ms);
      state = state_of(name);
    }
    return state;
  }

  HostState wait_for_answer(const std::string& name) const {
    return wait_for(name, [](const HostState& state) { return state.resolved(); });
  }

  HostState wait_for_failure(const std::string& name) const {
    return wait_for(name, [](const HostState& state) { return state.failure.has_value(); });
  }

  TemporaryFolder folder_;
  std::string resolv_conf_ = folder_.write("resolv.conf", resolv_conf());
  std::unique_ptr<HostResolver> resolver_;
};

TEST_F(HostResolverTest, ResolvesEveryName) {
  const Dnsmasq server("192.0.2.1 one.test\n2001:db8::2 two.test\n");
  const auto before = std::chrono::system_clock::now();
  start({"two.test", "one.test", "none.test", "one.test"});
  ASSERT_TRUE(resolver_->wait_for_first_attempts(20s));
  const std::shared_ptr<const HostAddresses> latest = resolver_->latest();
  EXPECT_EQ(latest->size(), 3u);
  EXPECT_THAT(latest->at("one.test").addresses, ElementsAre(address("192.0.2.1")));
  EXPECT_GE(latest->at("one.test").answered_at, before);
  EXPECT_THAT(latest->at("two.test").addresses, ElementsAre(address("2001:db8::2")));
  EXPECT_THAT(latest->at("none.test").addresses, IsEmpty());
  EXPECT_EQ(latest->at("none.test").failure, "Domain name not found");
}

TEST_F(HostResolverTest, FollowsAnAnswerThatChanges) {
  Dnsmasq server("192.0.2.1 db.test\n192.0.2.2 db.test\n");
  start({"db.test"});
  EXPECT_THAT(wait_for_answer("db.test").addresses,
              ElementsAre(address("192.0.2.1"), address("192.0.2.2")));
  std::atomic<bool> stop = false;
  auto reader = std::async(std::launch::async, [&] {
    while (!stop) EXPECT_FALSE(state_of("db.test").addresses.empty());
  });
  server.set_hosts("192.0.2.2 db.test\n192.0.2.3 db.test\n");
  const std::vector<inet::Address> expected = {address("192.0.2.2"), address("192.0.2.3")};
  const auto is_new = [&](const HostState& state) { return state.addresses == expected; };
  EXPECT_EQ(wait_for("db.test", is_new).addresses, expected);
  stop = true;
}

TEST_F(HostResolverTest, KeepsTheLastAnswerOfAServerThatIsGone) {
  auto server = std::make_unique<Dnsmasq>("192.0.2.1 db.test\n");
  start({"db.test"});
  const HostState answered = wait_for_answer("db.test");
  server.reset();
  const HostState failed = wait_for_failure("db.test");
  EXPECT_TRUE(failed.failure);
  EXPECT_THAT(failed.addresses, ElementsAre(address("192.0.2.1")));
  EXPECT_GE(failed.answered_at, answered.answered_at);
  server = std::make_unique<Dnsmasq>("192.0.2.7 db.test\n");
  EXPECT_THAT(wait_for_answer("db.test").addresses, ElementsAre(address("192.0.2.7")));
}

TEST_F(HostResolverTest, KeepsTheLastAnswerOfANameThatIsGone) {
  Dnsmasq server("192.0.2.1 db.test\n");
  start({"db.test"});
  wait_for_answer("db.test");
  server.set_hosts("");
  const HostState failed = wait_for_failure("db.test");
  EXPECT_EQ(failed.failure, "Domain name not found");
  EXPECT_THAT(failed.addresses, ElementsAre(address("192.0.2.1")));
}

TEST_F(HostResolverTest, FindsANameThatAppears) {
  Dnsmasq server("");
  start({"db.test"});
  EXPECT_EQ(wait_for_failure("db.test").failure, "Domain name not found");
  server.set_hosts("192.0.2.1 db.test\n");
  EXPECT_THAT(wait_for_answer("db.test").addresses, ElementsAre(address("192.0.2.1")));
}

TEST_F(HostResolverTest, AsksTheServerThatResolvConfNamesNow) {
  const Dnsmasq first("192.0.2.1 db.test\n");
  const Dnsmasq second("192.0.2.2 db.test\n", {}, own_address(1));
  start({"db.test"});
  wait_for_answer("db.test");
  folder_.write("resolv.conf", resolv_conf(own_address(1)));
  const std::vector<inet::Address> expected = {address("192.0.2.2")};
  const auto is_new = [&](const HostState& state) { return state.addresses == expected; };
  EXPECT_EQ(wait_for("db.test", is_new).addresses, expected);
}

// Were the stop to wait for the answer, it would take a minute and more.
TEST_F(HostResolverTest, StopsAtOnceInTheMiddleOfALookup) {
  SilentServer server;
  start({"db.test"}, 60s);
  server.wait_for_questions(2);
  EXPECT_FALSE(resolver_->wait_for_first_attempts(1ms));
  auto stopped = std::async(std::launch::async, [this] { resolver_.reset(); });
  EXPECT_EQ(stopped.wait_for(1s), std::future_status::ready);
}

TEST_F(HostResolverTest, StopsAtOnceBetweenTwoLookups) {
  start({"localhost"});
  ASSERT_TRUE(resolver_->wait_for_first_attempts(20s));
  auto stopped = std::async(std::launch::async, [this] { resolver_.reset(); });
  EXPECT_EQ(stopped.wait_for(1s), std::future_status::ready);
}

// Each lookup has a socket of its own, and asks two questions.
TEST_F(HostResolverTest, HasAtMostSixteenLookupsUnderWay) {
  SilentServer server;
  start(forty_names(), 60s);
  server.wait_for_questions(32);
  resolver_.reset();
  EXPECT_EQ(server.count_askers(), 16u);
}

TEST_F(HostResolverTest, ComesToEveryNameThoughNoneIsAnswered) {
  const SilentServer server;
  start(forty_names(), 50ms);
  EXPECT_TRUE(resolver_->wait_for_first_attempts(20s));
}

TEST_F(HostResolverTest, NeedsNoNames) {
  start({});
  EXPECT_TRUE(resolver_->wait_for_first_attempts(0ms));
  EXPECT_EQ(resolver_->latest(), resolver_->latest());
  EXPECT_THAT(*resolver_->latest(), IsEmpty());
}

TEST_F(HostResolverTest, SaysThatThereAreTooFewFiles) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const auto next_fd = static_cast<rlim_t>(base::UniqueFd(::dup(0)).get());
  const rlimit none_left{next_fd, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  const auto resolver = HostResolver::start({"localhost"});
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(resolver);
  EXPECT_EQ(resolver.error().message, "cannot resolve host names: Too many open files");
}

}  // namespace
}  // namespace timewait::resolve
