#include "web/connections.h"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/unique_fd.h"

namespace timewait::web {
namespace {

using State = Connections::State;

// A registered connection and the client's end of it.
class Client {
 public:
  explicit Client(Connections& connections) : connections_(connections) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    server_ = base::UniqueFd(ends[0]);
    client_ = base::UniqueFd(ends[1]);
    connection_ = &connections.opened(server_.get());
  }
  ~Client() { connections_.closed(*connection_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void start_answer(Body body) { connections_.answering(*connection_, std::move(body)); }
  void start_answer(std::size_t size) { start_answer(std::make_shared<std::string>(size, 'x')); }
  void defer(std::function<void()> give_up) {
    connections_.deferred(*connection_, std::move(give_up));
  }
  void end_answer() { connections_.answered(*connection_); }
  const Connections::Connection& connection() const { return *connection_; }
  bool sees_the_end() const {
    pollfd waiting{client_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 1;
  }

 private:
  Connections& connections_;
  base::UniqueFd server_;
  base::UniqueFd client_;
  Connections::Connection* connection_;
};

TEST(Connections, StayWhileThereIsRoom) {
  Connections connections(2, 1000);
  Client first(connections);
  Client second(connections);
  EXPECT_FALSE(first.sees_the_end());
  EXPECT_FALSE(second.sees_the_end());
}

TEST(Connections, ShutDownTheOldestThatWaits) {
  Connections connections(2, 1000);
  Client first(connections);
  Client second(connections);
  Client third(connections);
  EXPECT_TRUE(first.sees_the_end());
  EXPECT_EQ(first.connection().state(), State::kShutDown);
  EXPECT_FALSE(second.sees_the_end());
  EXPECT_FALSE(third.sees_the_end());
  Client fourth(connections);  // the first no longer counts, although its descriptor is open
  EXPECT_TRUE(second.sees_the_end());
  EXPECT_FALSE(third.sees_the_end());
}

TEST(Connections, PreferToKeepThoseBeingAnswered) {
  Connections connections(2, 1000);
  Client first(connections);
  first.start_answer(1);
  Client second(connections);
  Client third(connections);
  EXPECT_FALSE(first.sees_the_end());
  EXPECT_TRUE(second.sees_the_end());
}

TEST(Connections, ShutDownTheOldestAnswerIfNoneWaits) {
  Connections connections(2, 1000);
  Client first(connections);
  Client second(connections);
  second.start_answer(1);
  first.start_answer(1);
  Client third(connections);
  EXPECT_TRUE(second.sees_the_end());
  EXPECT_FALSE(first.sees_the_end());
  EXPECT_FALSE(third.sees_the_end());
}

TEST(Connections, CountTheWaitFromTheLastAnswer) {
  Connections connections(2, 1000);
  Client first(connections);
  Client second(connections);
  first.start_answer(1);
  first.end_answer();
  Client third(connections);
  EXPECT_FALSE(first.sees_the_end());
  EXPECT_TRUE(second.sees_the_end());
}

TEST(Connections, CountABodyOnlyWhileItIsSent) {
  Connections connections(2, 1000);
  Client first(connections);
  Client second(connections);
  first.start_answer(1000);
  EXPECT_TRUE(first.connection().body());
  first.end_answer();
  EXPECT_FALSE(first.connection().body());
  EXPECT_EQ(first.connection().state(), State::kWaiting);
  second.start_answer(1000);
  first.start_answer(0);
  EXPECT_FALSE(first.sees_the_end());
  EXPECT_FALSE(second.sees_the_end());
}

TEST(Connections, GiveUpTheAnswerOfOneThatIsShutDown) {
  Connections connections(2, 1000);
  int given_up = 0;
  Client first(connections);
  first.defer([&] { ++given_up; });
  Client second(connections);
  second.defer([] {});
  EXPECT_EQ(given_up, 0);
  Client third(connections);
  EXPECT_EQ(given_up, 1);
  EXPECT_TRUE(first.sees_the_end());
}

TEST(Connections, GiveUpNothingOnceTheAnswerStarted) {
  Connections connections(1, 1000);
  bool given_up = false;
  Client first(connections);
  first.defer([&] { given_up = true; });
  first.start_answer(10);
  Client second(connections);
  EXPECT_FALSE(given_up);
}

TEST(Connections, ShutDownTheOldestAnswersWhenTheirBodiesAreTooMuch) {
  Connections connections(10, 1000);
  Client first(connections);
  Client second(connections);
  Client third(connections);
  first.start_answer(400);
  second.start_answer(600);
  EXPECT_FALSE(first.sees_the_end());
  third.start_answer(400);
  EXPECT_TRUE(first.sees_the_end());
  EXPECT_FALSE(first.connection().body()) << "else an evicted client's answer stays in memory";
  EXPECT_FALSE(second.sees_the_end());
  EXPECT_FALSE(third.sees_the_end());
}

TEST(Connections, CountABodyThatIsSharedOnce) {
  Connections connections(10, 1000);
  const auto shared = std::make_shared<std::string>(900, 'x');
  Client first(connections);
  Client second(connections);
  Client third(connections);
  first.start_answer(shared);
  second.start_answer(shared);
  EXPECT_FALSE(first.sees_the_end());
  first.end_answer();
  third.start_answer(200);
  EXPECT_TRUE(second.sees_the_end()) << "the one that is left still holds it";
}

TEST(Connections, SendABodyThatIsLargerThanAllMayBe) {
  Connections connections(10, 1000);
  Client first(connections);
  Client second(connections);
  first.start_answer(1);
  second.start_answer(5000);
  EXPECT_TRUE(first.sees_the_end());
  EXPECT_FALSE(second.sees_the_end());
}

TEST(Connections, ForgetTheBodiesOfThoseThatClosed) {
  Connections connections(10, 1000);
  {
    Client gone(connections);
    gone.start_answer(1000);
  }
  Client first(connections);
  Client second(connections);
  first.start_answer(500);
  second.start_answer(500);
  EXPECT_FALSE(first.sees_the_end());
}

TEST(Connections, DoNothingMoreToOneThatWasShutDown) {
  Connections connections(1, 1000);
  Client first(connections);
  Client second(connections);
  first.start_answer(100);
  EXPECT_EQ(first.connection().state(), State::kShutDown);
  first.end_answer();
  EXPECT_EQ(first.connection().state(), State::kShutDown);
  EXPECT_FALSE(second.sees_the_end());
}

}  // namespace
}  // namespace timewait::web
