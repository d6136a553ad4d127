// Who may ask for what: passwords, the rate limit, the operator's headers, POST.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http_client.h"
#include "serving.h"

namespace timewait::web {
namespace {

// bcrypt of "wonderland", cost 4, and of "builder", cost 12: the least there is, and one that takes
// a noticeable while.
constexpr const char* kAlicesHash = "$2y$04$KBCwKxOzLha2MUDgW0PjXexEHTwUun17dfcKnCd.Fy5WLsVijVsXu";
constexpr const char* kBobsHash = "$2b$12$XkTiW0HfMRe1LhSyKxGvK.k09tGBqIqvnHjd4zeSQoyJQ.wV/rJpe";
// "alice:wonderland" and so on, in base64.
constexpr const char* kAlice = "Authorization: Basic YWxpY2U6d29uZGVybGFuZA==\r\n";
constexpr const char* kAliceMistyped = "Authorization: Basic YWxpY2U6d29uZGVybGFuZQ==\r\n";
constexpr const char* kBob = "Authorization: Basic Ym9iOmJ1aWxkZXI=\r\n";
constexpr const char* kBobMistyped = "Authorization: Basic Ym9iOmI=\r\n";
constexpr const char* kNobody = "Authorization: Basic bm9ib2R5OndvbmRlcmxhbmQ=\r\n";

std::optional<HttpAnswer> request(const std::string& address, const std::string& start,
                                  const std::string& headers = "") {
  HttpClient client(address);
  client.send(start + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + headers + "\r\n");
  return client.read_answer();
}

class AccessTest : public testing::Test {
 protected:
  void serve_with(Access access) {
    Routes routes;
    routes["/"] = on_get([](const Request&) { return plain_text(200, "fine\n"); });
    routes["/do"] = on_post([this](const Request&) {
      ++posts_;
      if (post_waits_) post_may_end_.get_future().wait();
      return plain_text(200, "done\n");
    });
    routes["/own-header"] = on_get([](const Request&) {
      Response response = plain_text(200, "fine\n");
      response.headers = {{"X-Frame-Options", "deny"}, {"X-Mine", "1"}};
      return response;
    });
    base::Result<Serving> server =
        serve({"127.0.0.1:0"}, routes, std::make_shared<Access>(std::move(access)));
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    address_ = server_->bound.at(0);
  }

  void serve_with_passwords() {
    serve_with({nullptr, {{"alice", kAlicesHash}, {"bob", kBobsHash}}, {}, {}});
  }

  int status(const std::string& start, const std::string& headers = "") const {
    const auto answer = request(address_, start, headers);
    return answer ? answer->status : 0;
  }

  std::atomic<int> posts_ = 0;
  std::atomic<bool> post_waits_ = false;
  std::promise<void> post_may_end_;
  std::optional<Serving> server_;
  std::string address_;
};

TEST_F(AccessTest, AsksForAPassword) {
  serve_with_passwords();
  const auto answer = request(address_, "GET /");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->header("www-authenticate"), "Basic realm=\"metrics\"");
  EXPECT_EQ(answer->body, "Unauthorized\n");
}

TEST_F(AccessTest, HasNoBrowserAskItsUserForWhatAScriptAskedFor) {
  serve_with_passwords();
  const std::string by_script = "X-Requested-With: XMLHttpRequest\r\n";
  for (const std::string& headers : {by_script, by_script + kAliceMistyped}) {
    const auto answer = request(address_, "GET /", headers);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 403);
    EXPECT_EQ(answer->header("www-authenticate"), "");
    EXPECT_EQ(answer->body, "Forbidden\n");
  }
  EXPECT_EQ(status("GET /", by_script + kAlice), 200);
}

TEST_F(AccessTest, TakesTheRightPasswordAgainAndAgain) {
  serve_with_passwords();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(status("GET /", kAlice), 200);
    EXPECT_EQ(status("GET /", kBob), 200);
  }
}

TEST_F(AccessTest, RefusesEverythingElse) {
  serve_with_passwords();
  EXPECT_EQ(status("GET /", kAlice), 200);
  for (const char* headers :
       {kAliceMistyped, kNobody, "Authorization: Basic YWxpY2U=\r\n",  // "alice", no colon
        "Authorization: Basic YWxpY2U6\r\n",                           // "alice:"
        "Authorization: Basic %%%\r\n", "Authorization: Basic\r\n", "Authorization: \r\n",
        "Authorization: Bearer YWxpY2U6d29uZGVybGFuZA==\r\n"}) {
    EXPECT_EQ(status("GET /", headers), 401) << headers;
  }
  EXPECT_EQ(status("GET /", "Authorization: Basic " + std::string(8000, 'A') + "\r\n"), 401);
}

TEST_F(AccessTest, TellsStrangersNotEvenWhatThereIs) {
  serve_with_passwords();
  for (const char* start : {"GET /nothing", "POST /", "POST /do", "DELETE /nothing"}) {
    EXPECT_EQ(status(start), 401) << start;
  }
  EXPECT_EQ(posts_, 0);
  EXPECT_EQ(status("GET /nothing", kAlice), 404);
}

TEST_F(AccessTest, ChecksAPasswordWhileOthersAreServed) {
  serve_with_passwords();
  EXPECT_EQ(status("GET /", kAlice), 200);
  std::vector<HttpClient> guessing;
  for (int i = 0; i < 20; ++i) {
    guessing.emplace_back(address_);
    guessing.back().send(std::string("GET / HTTP/1.1\r\nHost: test\r\n") + kBobMistyped + "\r\n");
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status("GET /", kAlice), 200);
  // Twenty checks of cost 12 take seconds.
  EXPECT_EQ(status("GET /"), 401);
  for (const HttpClient& client : guessing) EXPECT_FALSE(client.was_reset());
}

TEST_F(AccessTest, LimitsTheRate) {
  serve_with({nullptr, {}, {}, RateLimit{std::chrono::hours(1), 3}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status("GET /"), 200);
  EXPECT_EQ(status("GET /"), 429);
  EXPECT_EQ(status("DELETE /"), 429);
}

TEST_F(AccessTest, SendsTheOperatorsHeadersInPlaceOfItsOwn) {
  serve_with({nullptr,
              {},
              {{"X-Frame-Options", "sameorigin"}, {"Strict-Transport-Security", "max-age=1"}},
              {}});
  const auto answer = request(address_, "GET /own-header");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("x-frame-options"), "sameorigin");
  EXPECT_EQ(answer->header("strict-transport-security"), "max-age=1");
  EXPECT_EQ(answer->header("x-mine"), "1");
  const auto missing = request(address_, "GET /missing");
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->header("strict-transport-security"), "max-age=1");
}

TEST_F(AccessTest, PostsOnlyWhereThatIsMeant) {
  serve_with({});
  EXPECT_EQ(status("POST /do"), 200);
  EXPECT_EQ(status("POST /do", "Content-Length: 3\r\n\r\nabc"), 200);
  for (const char* method : {"GET", "HEAD", "PUT"}) {
    HttpClient client(address_);
    client.send(std::string(method) + " /do HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto answer =
        std::string(method) == "HEAD" ? client.read_answer_to_head() : client.read_answer();
    ASSERT_TRUE(answer) << method;
    EXPECT_EQ(answer->status, 405) << method;
    EXPECT_EQ(answer->header("allow"), "POST") << method;
  }
  EXPECT_EQ(posts_, 2);
}

TEST_F(AccessTest, ServesOthersWhileAPostTakesItsTime) {
  serve_with({});
  post_waits_ = true;
  HttpClient waits(address_);
  waits.send("POST /do HTTP/1.1\r\nHost: test\r\n\r\n");
  while (posts_ == 0) std::this_thread::yield();
  EXPECT_EQ(status("GET /"), 200);
  post_may_end_.set_value();
  const auto answer = waits.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done\n");
}

TEST_F(AccessTest, StopsWhileClientsWaitForTheirTurn) {
  serve_with_passwords();
  std::vector<HttpClient> waiting;
  for (int i = 0; i < 50; ++i) {
    waiting.emplace_back(address_);
    waiting.back().send(std::string("GET / HTTP/1.1\r\nHost: test\r\n") + kBobMistyped + "\r\n");
  }
  EXPECT_EQ(status("GET /"), 401);
  auto stopped = std::async(std::launch::async, [this] { server_.reset(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  for (HttpClient& client : waiting) EXPECT_TRUE(client.wait_for_end());
}

TEST_F(AccessTest, SaysSoWhenTooManyWait) {
  serve_with_passwords();
  std::vector<HttpClient> waiting;
  for (int i = 0; i < 300; ++i) {
    waiting.emplace_back(address_);
    waiting.back().send(std::string("GET / HTTP/1.1\r\nHost: test\r\n") + kBobMistyped + "\r\n");
  }
  const auto answer = waiting.back().read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(status("GET /"), 401) << "who has no password is told at once";
}

}  // namespace
}  // namespace timewait::web
