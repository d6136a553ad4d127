// What ProcfsDump makes of a real kernel's files, against what SocketDump says of the same sockets.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "kernel/procfs_dump.h"
#include "kernel/socket_dump.h"
#include "own_namespace.h"

namespace timewait::kernel {
namespace {

using base::UniqueFd;
using inet::TcpState;
using reading::SocketRecord;
using std::chrono::milliseconds;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;

struct Place {
  const char* address;
  const char* port;
};

// A new socket, bound or connected to that place.
UniqueFd made(int (*call)(int, const sockaddr*, socklen_t), const Place& place) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* resolved = nullptr;
  EXPECT_EQ(::getaddrinfo(place.address, place.port, &hints, &resolved), 0);
  UniqueFd made(::socket(resolved->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(call(made.get(), resolved->ai_addr, resolved->ai_addrlen), 0) << place.address;
  ::freeaddrinfo(resolved);
  return made;
}

UniqueFd listen_on(const Place& place, int backlog = 16) {
  UniqueFd listener = made(&::bind, place);
  EXPECT_EQ(::listen(listener.get(), backlog), 0);
  return listener;
}

int connect_at_once_or_later(int fd, const sockaddr* address, socklen_t size) {
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  return ::connect(fd, address, size) == 0 || errno == EINPROGRESS ? 0 : -1;
}

struct Connection {
  UniqueFd client;
  UniqueFd server;
};

Connection connect(const UniqueFd& listener, const Place& place) {
  Connection made_now{made(&::connect, place), UniqueFd()};
  made_now.server = UniqueFd(::accept(listener.get(), nullptr, nullptr));
  EXPECT_TRUE(made_now.server.valid());
  return made_now;
}

// The first to close keeps the TIME_WAIT.
void close_in_order(UniqueFd first, UniqueFd second) {
  char none;
  ::shutdown(first.get(), SHUT_WR);
  EXPECT_EQ(::read(second.get(), &none, 1), 0);
  second = UniqueFd();
  EXPECT_EQ(::read(first.get(), &none, 1), 0);
}

// Sockets of one family that stay as they are for a second at least, in every state that can be
// held still.
class StillSockets {
 public:
  static constexpr std::uint32_t kWaitingForAccept = 2 + 1;

  // `own`: where to listen and connect. `deferring` and `full`: two more places of the same family.
  StillSockets(const Place& listening, const Place& own, const Place& deferring,
               const Place& full) {
    const UniqueFd& listener = keep(listen_on(listening));
    keep(connect(listener, own));
    Connection client_first = connect(listener, own);
    close_in_order(std::move(client_first.client), std::move(client_first.server));
    Connection server_first = connect(listener, own);
    close_in_order(std::move(server_first.server), std::move(server_first.client));
    keep_half_closed(connect(listener, own));
    keep(connect(listener, own).server);  // FIN_WAIT2 without a process, and CLOSE_WAIT
    keep(made(&::connect, own));          // waits for accept()
    keep(made(&::connect, own));

    const UniqueFd& deferring_listener = keep(listen_on(deferring));
    const int seconds = 30;
    EXPECT_EQ(::setsockopt(deferring_listener.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
                           sizeof(seconds)),
              0);
    keep(made(&::connect, deferring));  // SYN_RECV, for it sends nothing

    keep(listen_on(full, 0));
    keep(made(&::connect, full));
    keep(made(&connect_at_once_or_later, full));  // SYN_SENT, for the queue is full
  }

 private:
  const UniqueFd& keep(UniqueFd socket) {
    sockets_.push_back(std::make_unique<UniqueFd>(std::move(socket)));
    return *sockets_.back();
  }
  void keep(Connection connection) {
    keep(std::move(connection.client));
    keep(std::move(connection.server));
  }
  void keep_half_closed(Connection connection) {
    ::shutdown(connection.client.get(), SHUT_WR);
    keep(std::move(connection));
  }

  std::vector<std::unique_ptr<UniqueFd>> sockets_;
};

// What was sent has come: a FIN may wait 40 ms for its acknowledgement.
bool is_still(const std::vector<SocketRecord>& sockets) {
  std::uint32_t waiting = 0;
  for (const SocketRecord& socket : sockets) {
    if (socket.state == TcpState::kFinWait1) return false;
    waiting += socket.accept_queue;
  }
  return waiting == 3 * StillSockets::kWaitingForAccept;
}

template <typename Dump>
std::vector<SocketRecord> read_all(Dump& dump) {
  std::vector<SocketRecord> sockets;
  const auto status = dump.read([&](std::span<const SocketRecord> batch) {
    sockets.insert(sockets.end(), batch.begin(), batch.end());
  });
  EXPECT_TRUE(status);
  return sockets;
}

std::vector<SocketRecord> read_netlink() {
  auto dump = SocketDump::open();
  EXPECT_TRUE(dump);
  return read_all(*dump);
}

std::vector<SocketRecord> read_procfs() {
  ProcfsDump dump("/proc");
  return read_all(dump);
}

std::string describe(const SocketRecord& socket) {
  return std::string(inet::name_of(socket.state)) + " " + socket.local.to_string() + " " +
         socket.remote.to_string() + " queue " + std::to_string(socket.accept_queue);
}

std::vector<std::string> described(const std::vector<SocketRecord>& sockets) {
  std::vector<std::string> texts(sockets.size());
  std::transform(sockets.begin(), sockets.end(), texts.begin(), describe);
  return texts;
}

std::map<std::string, milliseconds> times_left(const std::vector<SocketRecord>& sockets) {
  std::map<std::string, milliseconds> times;
  for (const SocketRecord& socket : sockets) {
    if (socket.state == TcpState::kTimeWait) times[describe(socket)] = socket.time_wait_left;
  }
  return times;
}

class InEveryFamily : public testing::Test {
 protected:
  void SetUp() override {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!is_still(read_netlink())) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

  const OwnNamespace apart_;
  const StillSockets ipv4_{
      {"127.0.0.1", "7001"}, {"127.0.0.1", "7001"}, {"127.0.0.1", "7002"}, {"127.0.0.1", "7003"}};
  const StillSockets ipv6_{{"::1", "7101"}, {"::1", "7101"}, {"::1", "7102"}, {"::1", "7103"}};
  const StillSockets mapped_{{"::", "7201"},
                             {"::ffff:127.0.0.1", "7201"},
                             {"::ffff:127.0.0.1", "7202"},
                             {"::ffff:127.0.0.1", "7203"}};
};

TEST_F(InEveryFamily, BothDumpsShowTheSameSockets) {
  const std::vector<SocketRecord> procfs = read_procfs();
  EXPECT_THAT(described(procfs), UnorderedElementsAreArray(described(read_netlink())));
  for (const TcpState state :
       {TcpState::kEstablished, TcpState::kSynSent, TcpState::kSynRecv, TcpState::kFinWait2,
        TcpState::kTimeWait, TcpState::kCloseWait, TcpState::kListen}) {
    EXPECT_TRUE(std::any_of(procfs.begin(), procfs.end(), [state](const SocketRecord& s) {
      return s.state == state;
    })) << inet::name_of(state);
  }
}

TEST_F(InEveryFamily, ListenersComeFirst) {
  const std::vector<SocketRecord> sockets = read_procfs();
  EXPECT_TRUE(std::is_partitioned(sockets.begin(), sockets.end(), [](const SocketRecord& socket) {
    return socket.state == TcpState::kListen;
  }));
}

// The files count in ticks of 10 ms, rounded down, and netlink in jiffies of up to 10 ms.
TEST_F(InEveryFamily, TheTimeLeftLiesBetweenNetlinksBeforeAndAfter) {
  const auto before = times_left(read_netlink());
  const auto procfs = times_left(read_procfs());
  const auto after = times_left(read_netlink());
  ASSERT_EQ(procfs.size(), 6u);
  for (const auto& [socket, left] : procfs) {
    EXPECT_LE(left, before.at(socket) + milliseconds(10)) << socket;
    EXPECT_GE(left, after.at(socket) - milliseconds(20)) << socket;
  }
}

TEST_F(InEveryFamily, IdentitiesLastAndDiffer) {
  const auto identities = [](const std::vector<SocketRecord>& sockets) {
    std::map<std::uint64_t, std::string> by_cookie;
    for (const SocketRecord& s : sockets) {
      by_cookie[s.cookie] = s.local.to_string() + " " + s.remote.to_string();
    }
    return by_cookie;
  };
  const std::vector<SocketRecord> sockets = read_procfs();
  EXPECT_EQ(identities(sockets).size(), sockets.size());
  EXPECT_EQ(identities(sockets), identities(read_procfs()));
}

// The kernel hands the files out by the page, of some 27 lines each.
TEST(ProcfsDump, ReadsToTheEndWhateverTheLastPageHolds) {
  const OwnNamespace apart;
  for (const Place& place : {Place{"127.0.0.1", "7007"}, Place{"::1", "7007"}}) {
    const std::size_t before = read_procfs().size();
    const UniqueFd listener = listen_on(place);
    std::vector<Connection> connections;
    while (connections.size() < 100) {
      connections.push_back(connect(listener, place));
      ASSERT_EQ(read_procfs().size(), before + 1 + 2 * connections.size());
    }
  }
}

// It holds its port, and stands in neither file.
TEST(ProcfsDump, DoesNotShowBoundSockets) {
  const OwnNamespace apart;
  const UniqueFd bound = made(&::bind, {"127.0.0.1", "7004"});
  EXPECT_THAT(read_procfs(), IsEmpty());
}

TEST(ProcfsDump, ReadsTheNamespaceOfTheThreadThatCalls) {
  const OwnNamespace apart;
  const UniqueFd listener = listen_on({"127.0.0.1", "7005"});
  std::thread([] {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    EXPECT_THAT(read_procfs(), IsEmpty());
  }).join();
  EXPECT_EQ(read_procfs().size(), 1u);
}

// Were the file read on at its end, the kernel would show as many sockets again as have come since.
TEST(ProcfsDump, SocketsThatComeMeanwhileLetNoneBeShownTwice) {
  const OwnNamespace apart;
  const Place place{"127.0.0.1", "7006"};
  const UniqueFd listener = listen_on(place);
  std::vector<Connection> connections;
  const auto connect_some = [&] {
    for (int i = 0; i < 5; ++i) connections.push_back(connect(listener, place));
  };
  connect_some();
  ProcfsDump dump("/proc");
  std::vector<std::string> shown;
  const auto status = dump.read([&](std::span<const SocketRecord> batch) {
    if (batch.front().state == TcpState::kListen) connect_some();
    for (const SocketRecord& socket : batch) shown.push_back(describe(socket));
  });
  ASSERT_TRUE(status);
  EXPECT_EQ(shown.size(), 1u + 2 * 5);
  std::sort(shown.begin(), shown.end());
  EXPECT_EQ(std::adjacent_find(shown.begin(), shown.end()), shown.end());
}

}  // namespace
}  // namespace timewait::kernel
