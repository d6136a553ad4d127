#include "web/ongoing_work.h"

#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "http_client.h"
#include "serving.h"

namespace timewait::web {
namespace {

using std::chrono::seconds;

OngoingWork::Clock::time_point in_an_hour() {
  return OngoingWork::Clock::now() + std::chrono::hours(1);
}

// A thread may still be on its way out of what a client has seen the end of.
bool becomes_idle(const OngoingWork& work) {
  const auto deadline = OngoingWork::Clock::now() + seconds(10);
  while (work.longest(in_an_hour()) > seconds(0)) {
    if (OngoingWork::Clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(OngoingWork, TellsOfTheOldestPiece) {
  OngoingWork work;
  EXPECT_EQ(work.longest(in_an_hour()), seconds(0));
  std::optional<OngoingWork::Piece> older(work);
  const auto between = OngoingWork::Clock::now();
  const OngoingWork::Piece younger(work);
  EXPECT_GE(work.longest(between + seconds(9)), seconds(9));
  older.reset();
  EXPECT_LE(work.longest(between + seconds(9)), seconds(9));
  EXPECT_GT(work.longest(between + seconds(9)), seconds(0));
}

TEST(OngoingWork, ShowsAHandlerThatIsStuckAndNotOneThatIsDone) {
  std::promise<void> reached;
  std::promise<void> released;
  Routes routes;
  routes["/stuck"] = on_get([&](const Request&) {
    reached.set_value();
    released.get_future().wait();
    return plain_text(200, "");
  });
  const base::Result<Serving> serving = serve({"127.0.0.1:0"}, std::move(routes));
  ASSERT_TRUE(serving);
  HttpClient client(serving->bound.at(0));
  client.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n");
  reached.get_future().wait();
  EXPECT_GT(serving->ongoing->longest(in_an_hour()), seconds(0));
  released.set_value();
  EXPECT_EQ(client.read_answer().value().status, 200);
  EXPECT_TRUE(becomes_idle(*serving->ongoing));
}

TEST(OngoingWork, ClientsThatWaitAreNone) {
  std::promise<void> reached;
  std::promise<void> released;
  Routes routes;
  routes["/slow"] = on_post([&](const Request&) {
    reached.set_value();
    released.get_future().wait();
    return plain_text(200, "");
  });
  const base::Result<Serving> serving = serve({"127.0.0.1:0"}, std::move(routes));
  ASSERT_TRUE(serving);
  HttpClient half(serving->bound.at(0));
  half.send("GET /slow HTT");
  HttpClient client(serving->bound.at(0));
  client.send("POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  reached.get_future().wait();
  EXPECT_TRUE(becomes_idle(*serving->ongoing));
  released.set_value();
  EXPECT_EQ(client.read_answer().value().status, 200);
}

}  // namespace
}  // namespace timewait::web
