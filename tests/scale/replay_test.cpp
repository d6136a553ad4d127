// Two million made-up TIME_WAIT sockets go through the analysis, more than a test can open: what is
// shown stays right, and memory and series stay bounded.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "analysis/aggregator.h"
#include "exposition/render.h"

namespace timewait::analysis {
namespace {

using reading::SocketRecord;

constexpr std::uint32_t kMillion = 1'000'000;
constexpr std::uint32_t kConfigured = 1u << 18;  // of the million remotes, those in 10.0.0.0/14
constexpr std::uint32_t kTightPools = 30;
constexpr std::uint32_t kShown = 20;
constexpr std::uint32_t kMaxSeries = 350;
constexpr long kMaxMebibytes = 128;

inet::Address address_of(std::uint8_t net, std::uint32_t number) {
  return inet::Address::from_ipv4({net, static_cast<std::uint8_t>(number >> 16),
                                   static_cast<std::uint8_t>(number >> 8),
                                   static_cast<std::uint8_t>(number)});
}

const inet::Address kHere = address_of(192, 1);

std::uint32_t tight_size(std::uint32_t pool) { return 800 + 10 * pool; }

// Streams the sockets of a poll, as datagrams would bring them. A fifth of them is new in each.
class Replay {
 public:
  Replay(Aggregator& aggregator, std::uint32_t poll) : aggregator_(aggregator), poll_(poll) {}

  void run() {
    SocketRecord listener;
    listener.state = inet::TcpState::kListen;
    listener.local = {kHere, 443};
    add(listener);
    for (std::uint32_t i = 0; i < kMillion; ++i) {
      add_time_wait({kHere, 443}, {address_of(11, i), 50'000});
    }
    for (std::uint32_t i = 0; i < kMillion; ++i) {
      add_outbound(i, address_of(10, i));
      if (i >= kMillion / 2 && i % 400 == 0) add_one_to_each_tight_pool((i - kMillion / 2) / 400);
    }
    aggregator_.add(datagram_);
  }

 private:
  // The tight pools come late, and a socket at a time among many others.
  void add_one_to_each_tight_pool(std::uint32_t turn) {
    for (std::uint32_t pool = 0; pool < kTightPools; ++pool) {
      if (turn < tight_size(pool)) add_outbound(turn, address_of(172, pool));
    }
  }

  void add_outbound(std::uint32_t number, const inet::Address& remote) {
    add_time_wait({kHere, static_cast<std::uint16_t>(32768 + number % 28'232)}, {remote, 9000});
  }

  void add_time_wait(const inet::Endpoint& local, const inet::Endpoint& remote) {
    SocketRecord socket;
    socket.state = inet::TcpState::kTimeWait;
    socket.local = local;
    socket.remote = remote;
    const std::uint64_t times_new = (poll_ + place_ % 5) / 5;
    socket.cookie = ++place_ + times_new * 10 * kMillion;
    socket.time_wait_left = std::chrono::milliseconds(place_ % 60'000);
    add(socket);
  }

  void add(const SocketRecord& socket) {
    datagram_.push_back(socket);
    if (datagram_.size() < 256) return;
    aggregator_.add(datagram_);
    datagram_.clear();
  }

  Aggregator& aggregator_;
  std::uint32_t poll_;
  std::uint64_t place_ = 0;
  std::vector<SocketRecord> datagram_;
};

Snapshot poll(Aggregator& aggregator, std::uint32_t number) {
  aggregator.begin({}, {});
  Replay(aggregator, number).run();
  const std::chrono::seconds at(12 * number);
  return aggregator.finish({}, {std::chrono::system_clock::time_point(at),
                                std::chrono::steady_clock::time_point(at), "made up"});
}

std::uint32_t used_by_tight(const Snapshot& snapshot, std::uint32_t place) {
  return snapshot.discovered_peers.at(place).headroom.used;
}

// The name of the pool that is to be shown at this place.
std::string tight_name(std::uint32_t place) {
  return inet::Endpoint{address_of(172, kTightPools - 1 - place), 9000}.to_string();
}

std::uint32_t tight_size_at(std::uint32_t place) { return tight_size(kTightPools - 1 - place); }

std::uint32_t sockets_of_other() {
  std::uint32_t sockets = kMillion - kConfigured;
  for (std::uint32_t place = kShown; place < kTightPools; ++place) sockets += tight_size_at(place);
  return sockets;
}

std::size_t series_of(Snapshot snapshot) {
  exposition::Input input;
  input.state.namespaces.push_back({"", std::make_shared<const Snapshot>(std::move(snapshot)), {}});
  std::istringstream text(exposition::render(input, exposition::Format::kText));
  std::size_t series = 0;
  for (std::string line; std::getline(text, line);) series += line.starts_with('#') ? 0 : 1;
  return series;
}

long peak_mebibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

// A sanitizer's own memory says nothing of the program's.
bool is_sanitized() {
  const char* const sanitize = std::getenv("TIMEWAIT_SANITIZE");
  return sanitize != nullptr && *sanitize != '\0';
}

TEST(Replay, AMillionRemotesEitherWay) {
  const inet::NamedRule block = {"block", {{inet::Cidr::parse("10.0.0.0/14"), std::nullopt}}};
  Aggregator aggregator(Rules{{block}, {}, kShown});
  std::size_t series = 0;
  for (std::uint32_t number = 0; number < 4; ++number) {
    SCOPED_TRACE("poll " + std::to_string(number));
    Snapshot snapshot = poll(aggregator, number);

    ASSERT_EQ(snapshot.discovered_peers.size(), kShown);
    // What was not watched before may lack a socket for every 60,000: see pool_table.h.
    const std::uint32_t may_lack = number == 0 ? kMillion / 60'000 + 1 : 0;
    std::uint32_t shown = 0;
    for (std::uint32_t place = 0; place < kShown; ++place) {
      EXPECT_EQ(snapshot.discovered_peers[place].name, tight_name(place));
      EXPECT_LE(used_by_tight(snapshot, place), tight_size_at(place));
      EXPECT_GE(used_by_tight(snapshot, place) + may_lack, tight_size_at(place));
      shown += snapshot.discovered_peers[place].group.sockets.total();
    }
    EXPECT_EQ(snapshot.configured_peers.at(0).group.sockets.total(), kConfigured);
    const std::uint32_t other = snapshot.other.value().sockets.total();
    EXPECT_EQ(other + shown + kConfigured, snapshot.sockets_read - 1 - kMillion);
    if (number > 0) {
      EXPECT_EQ(other, sockets_of_other());
    }

    ASSERT_EQ(snapshot.listeners.size(), 1u);
    EXPECT_EQ(snapshot.listeners[0].group.sockets.total(), kMillion);
    EXPECT_EQ(snapshot.listeners[0].group.time_wait_entered, kMillion + number * kMillion / 5);
    series = series_of(std::move(snapshot));
  }
  const long mebibytes = peak_mebibytes();
  std::printf("2,000,000 sockets, 1,000,000 remotes each way: %ld MiB at the peak, %zu series\n",
              mebibytes, series);
  EXPECT_LT(series, kMaxSeries);
  if (!is_sanitized()) {
    EXPECT_LT(mebibytes, kMaxMebibytes);
  }
}

}  // namespace
}  // namespace timewait::analysis
