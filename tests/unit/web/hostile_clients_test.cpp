// What no client may do to the others. Each test hurts the server in one way and then, or
// meanwhile, expects an ordinary client to be answered.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http_client.h"
#include "serving.h"

namespace timewait::web {
namespace {

constexpr std::size_t kFewerThanAllConnections = 400;
constexpr std::size_t kMoreThanAllConnections = 700;  // the server has 512
constexpr std::size_t kLargeBody = 8'000'000;         // more than the kernel buffers for a socket

class HostileClients : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_DFL);  // one that the server causes ends this program
    // The clients are in this process too.
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    ASSERT_GE(files.rlim_cur, 2048u) << "these tests need to open 2048 files";
  }

  void SetUp() override {
    testing::internal::CaptureStderr();
    start_server();
  }

  void start_server() {
    Routes routes;
    routes["/"] = on_get([](const Request&) { return plain_text(200, "fine\n"); });
    routes["/large"] =
        on_get([](const Request&) { return plain_text(200, std::string(kLargeBody, 'x')); });
    base::Result<Serving> server = serve({"127.0.0.1:0"}, routes);
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    address_ = server_->bound.at(0);
  }

  void TearDown() override {
    expect_service();
    server_.reset();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }

  void expect_service() const {
    const auto answer = get(address_, "/");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "fine\n");
  }

  void expect_service_100_times() const {
    for (int i = 0; i < 100 && !HasFatalFailure(); ++i) expect_service();
  }

  std::vector<HttpClient> connect(std::size_t count) const {
    std::vector<HttpClient> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.emplace_back(address_);
      EXPECT_TRUE(clients.back().connected());
    }
    return clients;
  }

  // Waits until the server has ended the connections of all clients but so many.
  static void wait_until_connected(const std::vector<HttpClient>& clients, std::ptrdiff_t at_most) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto connected = [](const HttpClient& client) { return !client.was_reset(); };
    while (std::count_if(clients.begin(), clients.end(), connected) > at_most) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::optional<Serving> server_;
  std::string address_;
};

class SlowClients : public HostileClients, public testing::WithParamInterface<std::size_t> {};

INSTANTIATE_TEST_SUITE_P(Number, SlowClients,
                         testing::Values(kFewerThanAllConnections, kMoreThanAllConnections));

TEST_P(SlowClients, SayNothing) {
  const std::vector<HttpClient> clients = connect(GetParam());
  expect_service_100_times();
}

TEST_P(SlowClients, StopInTheMiddleOfARequest) {
  std::vector<HttpClient> clients = connect(GetParam());
  for (HttpClient& client : clients) client.send("GET / HT");
  expect_service_100_times();
}

TEST_P(SlowClients, SendByteByByte) {
  std::vector<HttpClient> clients = connect(GetParam());
  std::atomic<bool> enough = false;
  std::atomic<int> rounds = 0;
  std::thread drip([&] {
    for (; !enough; ++rounds) {
      for (HttpClient& client : clients) client.send("G");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // their slowness, not a wait
    }
  });
  while (rounds < 50 && !HasFatalFailure()) expect_service();
  enough = true;
  drip.join();
}

TEST_P(SlowClients, StopInTheMiddleOfABody) {
  std::vector<HttpClient> clients = connect(GetParam());
  for (HttpClient& client : clients) {
    client.send("GET / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nbody");
  }
  expect_service_100_times();
}

TEST_P(SlowClients, LeaveTheirConnectionsIdle) {
  std::vector<HttpClient> clients = connect(GetParam());
  for (HttpClient& client : clients) client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  expect_service_100_times();
}

TEST_F(HostileClients, ReadNothingOfALargeAnswer) {
  std::vector<HttpClient> clients = connect(20);
  for (HttpClient& client : clients) {
    client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  }
  expect_service_100_times();
  const auto large = get(address_, "/large");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->body.size(), kLargeBody);
}

std::size_t peak_resident_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) << 10;
}

TEST_F(HostileClients, CannotMakeMemoryGrowWithAnswersThatTheyDoNotRead) {
  const std::size_t before = peak_resident_bytes();
  std::vector<HttpClient> clients = connect(100);
  for (HttpClient& client : clients) {
    client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  }
  // All are answered once those that are left fit into the limit of 8 MiB.
  wait_until_connected(clients, (8 << 20) / kLargeBody);
  EXPECT_LT(peak_resident_bytes(), before + (std::size_t{400} << 20));  // all answers: 800 MB
}

TEST_F(HostileClients, AreFewerWhereTheProcessMayOpenFewFiles) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{200, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  start_server();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const std::vector<HttpClient> clients = connect(200);
  wait_until_connected(clients, 100);
}

TEST_F(HostileClients, ReadALargeAnswerSlowlyAndGetAllOfIt) {
  HttpClient slow(address_);
  slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  expect_service_100_times();
  const auto answer = slow.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), kLargeBody);
}

TEST_F(HostileClients, SendAHeaderOfAMegabyte) {
  HttpClient client(address_);
  client.send("GET / HTTP/1.1\r\nHost: test\r\nX-Large: " + std::string(1 << 20, 'x'));
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HostileClients, SendAHeaderThatIsTooLongAndReadTheAnswer) {
  HttpClient client(address_);
  client.send("GET / HTTP/1.1\r\nHost: test\r\nX-Large: " + std::string(40'000, 'x') + "\r\n\r\n");
  const auto answer = client.read_answer();
  if (answer) {  // the end of the connection may overtake it
    EXPECT_EQ(answer->status, 431);
  }
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HostileClients, SendEndlessHeaders) {
  HttpClient client(address_);
  std::string request = "GET / HTTP/1.1\r\nHost: test\r\n";
  for (int i = 0; i < 100'000; ++i) request += "a:b\r\n";
  client.send(request);
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HostileClients, AskForAVeryLongPath) {
  HttpClient client(address_);
  client.send("GET /" + std::string(1 << 20, 'x') + " HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_TRUE(client.wait_for_end());
}

TEST_F(HostileClients, SendGarbage) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string garbage(random() % 3000, '\0');
    for (char& c : garbage) c = static_cast<char>(random());
    HttpClient client(address_);
    client.send(garbage + "\r\n\r\n");
  }
}

TEST_F(HostileClients, SendARequestWithBytesChanged) {
  const std::string request =
      "GET /?a=%41%zz HTTP/1.1\r\nHost: test\r\nAccept: text/plain;q=0.5, */*\r\n"
      "Accept-Encoding: gzip;q=1, *;q=0\r\nContent-Length: 5\r\nCookie: a=b; c\r\n\r\nhello";
  std::mt19937 random(2);
  for (int i = 0; i < 1000; ++i) {
    std::string changed = request;
    for (int change = 0; change < 3; ++change) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    HttpClient client(address_);
    client.send(changed);
  }
}

TEST_F(HostileClients, SpeakAnotherProtocol) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),  // TLS
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("SSH-2.0-OpenSSH_9.2\r\n"),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("\r\n\r\n"),
        std::string(4096, '\0')}) {
    HttpClient client(address_);
    EXPECT_TRUE(client.send(bytes));
    expect_service();
  }
}

TEST_F(HostileClients, AskForTheImpossible) {
  for (const std::string headers :
       {"Content-Length: -1\r\n", "Content-Length: 99999999999999999999999999\r\n",
        "Content-Length: x\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: nonsense\r\n", "Range: bytes=5-1\r\n", "Upgrade: websocket\r\n"}) {
    HttpClient client(address_);
    EXPECT_TRUE(client.send("GET / HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n"));
    expect_service();
  }
}

TEST_F(HostileClients, SendAnEndlessChunkedBody) {
  HttpClient client(address_);
  client.send("GET / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(chunk));
  expect_service();
}

TEST_F(HostileClients, LeaveWithAReset) {
  for (int i = 0; i < 300; ++i) {
    HttpClient client(address_);
    if (i % 3 == 0) client.send("GET / HT");
    if (i % 3 == 1) client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    client.reset();
  }
}

TEST_F(HostileClients, LeaveInTheMiddleOfALargeAnswer) {
  for (int i = 0; i < 20; ++i) {
    HttpClient client(address_);
    client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    HttpClient other(address_);
    other.send("GET /large HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  }
}

TEST_F(HostileClients, ComeAndGo) {
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(HttpClient(address_).connected());
}

TEST_F(HostileClients, ComeWhenThereAreNoFilesLeft) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<HttpClient> clients = connect(50);
  clients.back().send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  ASSERT_TRUE(clients.back().read_answer());  // the server has accepted all
  HttpClient waits(address_);
  // The descriptors in use stay; accept() fails with EMFILE from here on.
  const rlimit none{3, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int i = 0; i < 10; ++i) {
    clients[0].send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_TRUE(clients[0].read_answer());
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  clients.pop_back();
  waits.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_TRUE(waits.read_answer());
}

}  // namespace
}  // namespace timewait::web
