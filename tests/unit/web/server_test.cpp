#include "web/server.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include "http_client.h"
#include "serving.h"

namespace timewait::web {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string large_body() {
  std::string body;
  while (body.size() < 2'000'000) body += "line " + std::to_string(body.size()) + "\n";
  return body;
}

Routes test_routes() {
  Routes routes;
  routes["/hello"] = on_get([](const Request& request) {
    return respond(200, "text/x-test", "hello from " + request.path + "\n");
  });
  routes["/accept"] =
      on_get([](const Request& request) { return respond(200, "text/plain", request.accept); });
  routes["/large"] =
      on_get([](const Request&) { return respond(200, "text/plain", large_body()); });
  routes["/1023"] =
      on_get([](const Request&) { return respond(200, "text/plain", std::string(1023, 'x')); });
  routes["/1024"] =
      on_get([](const Request&) { return respond(200, "text/plain", std::string(1024, 'x')); });
  routes["/empty"] = on_get([](const Request&) { return respond(200, "text/plain", ""); });
  routes["/unready"] =
      on_get([](const Request&) { return respond(503, "text/plain", "not yet\n"); });
  routes["/throws"] =
      on_get([](const Request&) -> Response { throw std::runtime_error("secret"); });
  routes["/throws-int"] = on_get([](const Request&) -> Response { throw 1; });
  return routes;
}

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    base::Result<Serving> server = serve({"127.0.0.1:0"}, test_routes());
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    address_ = server_->bound.at(0);
  }

  std::optional<Serving> server_;
  std::string address_;
};

TEST_F(ServerTest, AnswersARoute) {
  const auto answer = get(address_, "/hello");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("content-type"), "text/x-test");
  EXPECT_EQ(answer->header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer->header("vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(answer->header("content-encoding"), "");
  EXPECT_NE(answer->header("date"), "");
  EXPECT_EQ(answer->body, "hello from /hello\n");
}

TEST_F(ServerTest, IgnoresTheQuery) {
  const auto answer = get(address_, "/hello?a=b&c");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello from /hello\n");
}

TEST_F(ServerTest, MatchesPathsExactly) {
  for (const char* path : {"/", "/hello/", "/hell", "/HELLO", "//hello", "/hello/x", "/nothing"}) {
    const auto answer = get(address_, path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 404) << path;
    EXPECT_EQ(answer->body, "Not found\n") << path;
  }
}

TEST_F(ServerTest, PassesTheHandlersStatus) {
  const auto answer = get(address_, "/unready");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "not yet\n");
}

TEST_F(ServerTest, SendsAnEmptyBody) {
  const auto answer = get(address_, "/empty");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("content-length"), "0");
}

TEST_F(ServerTest, SendsALargeBodyInFull) {
  const auto answer = get(address_, "/large");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == large_body());
}

TEST_F(ServerTest, JoinsTheLinesOfTheAcceptHeader) {
  const auto answer = get(address_, "/accept", "Accept: a/b\r\naccept: c/d;q=0.5\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "a/b, c/d;q=0.5");
}

TEST_F(ServerTest, HidesWhatAHandlerThrows) {
  for (const char* path : {"/throws", "/throws-int"}) {
    const auto answer = get(address_, path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->status, 500) << path;
    EXPECT_EQ(answer->body, "Internal server error\n") << path;
  }
  EXPECT_TRUE(get(address_, "/hello"));
}

TEST_F(ServerTest, RefusesOtherMethods) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "BREW"}) {
    HttpClient client(address_);
    client.send(std::string(method) + " /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << method;
    EXPECT_EQ(answer->status, 405) << method;
    EXPECT_EQ(answer->header("allow"), "GET, HEAD") << method;
  }
}

TEST_F(ServerTest, AnUnknownPathIsUnknownToEveryMethod) {
  HttpClient client(address_);
  client.send("POST /nothing HTTP/1.1\r\nHost: test\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
}

TEST_F(ServerTest, TakesAWholeUriForAPath) {
  for (const char* target : {"http://test/hello", "http://test:80/hello?x=/y"}) {
    const auto answer = get(address_, target);
    ASSERT_TRUE(answer) << target;
    EXPECT_EQ(answer->body, get(address_, "/hello")->body) << target;
  }
  EXPECT_EQ(get(address_, "http://test")->status, 404);
  EXPECT_EQ(get(address_, "http://test/nothing")->status, 404);
}

TEST_F(ServerTest, RefusesAPostWithoutWaitingForItsBody) {
  HttpClient client(address_);
  client.send("POST /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 10000000000\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 405);
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(ServerTest, RefusesAPostThatAsksBeforeItSends) {
  HttpClient client(address_);
  client.send(
      "POST /hello HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 405);
}

TEST_F(ServerTest, DropsTheBodyOfAGet) {
  HttpClient client(address_);
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 3000000\r\n\r\n");
  ASSERT_TRUE(client.send(std::string(3'000'000, 'x')));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_F(ServerTest, AnswersHeadLikeGetButWithoutBody) {
  for (const std::string headers : {"", "Accept-Encoding: gzip\r\n"}) {
    const auto to_get = get(address_, "/large", headers);
    HttpClient client(address_);
    client.send("HEAD /large HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
    auto to_head = client.read_answer_to_head();
    ASSERT_TRUE(to_get && to_head);
    EXPECT_EQ(to_head->status, 200);
    auto expected = to_get->headers;
    expected.erase("date");
    to_head->headers.erase("date");
    EXPECT_EQ(to_head->headers, expected);
    // Nothing but the next answer follows.
    client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto next = client.read_answer();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->body, "hello from /hello\n");
  }
}

TEST_F(ServerTest, CompressesForThoseWhoAskForIt) {
  const auto answer = get(address_, "/large", "Accept-Encoding: gzip\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("content-encoding"), "gzip");
  EXPECT_EQ(answer->header("vary"), "Accept, Accept-Encoding");
  std::string body(3'000'000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(answer->body.data()));
  stream.avail_in = static_cast<uInt>(answer->body.size());
  stream.next_out = reinterpret_cast<Bytef*>(body.data());
  stream.avail_out = static_cast<uInt>(body.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  body.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_TRUE(body == large_body());
}

TEST_F(ServerTest, CompressesOnlyWhatIsWorthIt) {
  const auto small = get(address_, "/1023", "Accept-Encoding: gzip\r\n");
  const auto large = get(address_, "/1024", "Accept-Encoding: gzip\r\n");
  ASSERT_TRUE(small && large);
  EXPECT_EQ(small->header("content-encoding"), "");
  EXPECT_EQ(large->header("content-encoding"), "gzip");
}

TEST_F(ServerTest, RefusesARequestWhoseEndIsNotCertain) {
  for (const char* headers :
       {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n"}) {
    HttpClient client(address_);
    client.send(std::string("GET /hello HTTP/1.1\r\nHost: test\r\n") + headers + "\r\n");
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << headers;
    EXPECT_EQ(answer->status, 400) << headers;
    EXPECT_TRUE(client.wait_for_end()) << headers;
  }
}

TEST_F(ServerTest, RefusesHttp11WithoutAHost) {
  HttpClient client(address_);
  client.send("GET /hello HTTP/1.1\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
}

TEST_F(ServerTest, UnescapesAPathButNotToItsEnd) {
  const auto escaped = get(address_, "/h%65llo");
  const auto cut = get(address_, "/hello%00x");
  ASSERT_TRUE(escaped && cut);
  EXPECT_EQ(escaped->status, 200);
  EXPECT_EQ(cut->status, 404);
}

TEST_F(ServerTest, KeepsAConnectionOpen) {
  HttpClient client(address_);
  for (int i = 0; i < 100; ++i) {
    client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->status, 200);
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  HttpClient client(address_);
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests +=
        std::string("GET ") + (i % 2 ? "/1024" : "/hello") + " HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 100; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body.size(), i % 2 ? 1024u : 18u) << i;
  }
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  HttpClient client(address_);
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_answer());
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(ServerTest, AnswersHttp10) {
  HttpClient client(address_);
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hello from /hello\n");
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(ServerTest, KeepsWorkingAfterAMove) {
  Serving moved = std::move(*server_);
  server_.reset();
  EXPECT_THAT(moved.bound, ElementsAre(address_));
  EXPECT_TRUE(get(address_, "/hello"));
}

TEST_F(ServerTest, ClosesEverythingWhenItStops) {
  HttpClient silent(address_);
  HttpClient half(address_);
  half.send("GET /hel");
  HttpClient idle(address_);
  idle.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  ASSERT_TRUE(idle.read_answer());
  HttpClient slow(address_);
  slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  // Had the stop to wait for one of them, it would take the 120 seconds of the idle timeout.
  auto stopped = std::async(std::launch::async, [this] { server_.reset(); });
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_TRUE(silent.wait_for_end());
  EXPECT_TRUE(half.wait_for_end());
  EXPECT_TRUE(idle.wait_for_end());
  EXPECT_TRUE(slow.wait_for_end());
  EXPECT_FALSE(HttpClient(address_).connected());
}

TEST(ServerStop, WaitsForARunningHandler) {
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left = false;
  Routes routes;
  routes["/wait"] = on_get([&](const Request&) {
    entered.set_value();
    leave.get_future().wait();
    left = true;
    return plain_text(200, "");
  });
  base::Result<Serving> server = serve({"127.0.0.1:0"}, routes);
  ASSERT_TRUE(server) << server.error().message;
  HttpClient client(server->bound[0]);
  client.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n");
  entered.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { Serving stops = std::move(*server); });
  leave.set_value();
  stopped.wait();
  EXPECT_TRUE(left);
}

TEST(ServerStart, ListensOnSeveralAddresses) {
  base::Result<Serving> server = serve({"127.0.0.1:0", "[::1]:0", ":0"}, test_routes());
  ASSERT_TRUE(server) << "these tests need ::1: " << server.error().message;
  const std::vector<std::string> bound = server->bound;
  ASSERT_EQ(bound.size(), 3u);
  EXPECT_THAT(bound[0], StartsWith("127.0.0.1:"));
  EXPECT_THAT(bound[1], StartsWith("[::1]:"));
  EXPECT_THAT(bound[2], StartsWith("[::]:"));
  EXPECT_TRUE(get(bound[0], "/hello"));
  EXPECT_TRUE(get(bound[1], "/hello"));
  EXPECT_TRUE(get("127.0.0.1" + bound[2].substr(bound[2].rfind(':')), "/hello"));
  EXPECT_TRUE(get("[::1]" + bound[2].substr(bound[2].rfind(':')), "/hello"));
}

TEST(ServerStart, ListensOnAllAddressesOrNone) {
  base::Result<Serving> first = serve({"127.0.0.1:0"}, test_routes());
  ASSERT_TRUE(first) << first.error().message;
  const std::string taken = first->bound[0];
  std::string free;
  {
    base::Result<Serving> second = serve({"127.0.0.1:0"}, test_routes());
    ASSERT_TRUE(second) << second.error().message;
    free = second->bound[0];
  }
  base::Result<Serving> both = serve({free, taken}, test_routes());
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().message, "cannot listen on " + taken + ": Address already in use");
  EXPECT_FALSE(HttpClient(free).connected());
}

TEST(ServerStart, TakesAPortAgainAtOnce) {
  base::Result<Serving> first = serve({"127.0.0.1:0"}, test_routes());
  ASSERT_TRUE(first) << first.error().message;
  const std::string bound = first->bound[0];
  HttpClient leaves_time_wait(bound);
  leaves_time_wait.send("GET /hello HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(leaves_time_wait.wait_for_end());
  { Serving stops = std::move(*first); }
  base::Result<Serving> second = serve({bound}, test_routes());
  EXPECT_TRUE(second) << second.error().message;
}

// Lowers the limit on open files until the end of the scope.
class FewFiles {
 public:
  explicit FewFiles(rlim_t files) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{files, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;

 private:
  rlimit before_{};
};

TEST(ServerStart, LeavesNothingOpenWhenItCannotWait) {
  std::string free;
  int next_fd = -1;
  {
    base::Result<Serving> server = serve({"127.0.0.1:0"}, test_routes());
    ASSERT_TRUE(server) << server.error().message;
    free = server->bound[0];
  }
  next_fd = base::UniqueFd(::dup(0)).get();
  {
    const FewFiles limit(static_cast<rlim_t>(next_fd) + 1);  // the listening socket, and no epoll
    base::Result<Serving> server = serve({free}, test_routes());
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().message,
              "cannot serve " + free + ": too few file descriptors, threads or memory");
  }
  EXPECT_EQ(base::UniqueFd(::dup(0)).get(), next_fd);
  EXPECT_FALSE(HttpClient(free).connected());
}

}  // namespace
}  // namespace timewait::web
