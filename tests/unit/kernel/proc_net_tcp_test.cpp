#include "kernel/proc_net_tcp.h"

#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::SocketRecord;
using std::chrono::milliseconds;

constexpr std::uint64_t kTicks = 100;  // a second

std::optional<SocketRecord> decode(std::string_view line, std::uint64_t ticks = kTicks) {
  auto decoded = decode_proc_net_tcp_line(line, ticks);
  EXPECT_TRUE(decoded) << line;
  return decoded ? *decoded : std::nullopt;
}

std::string malformed_field(std::string_view line) {
  const auto decoded = decode_proc_net_tcp_line(line, kTicks);
  return decoded ? "none" : std::string(decoded.error().name);
}

// An address as the kernel prints it: each 32 bits as a number of this machine.
std::string printed(int family, const char* address) {
  std::array<std::uint32_t, 4> words{};
  EXPECT_EQ(::inet_pton(family, address, words.data()), 1);
  std::string text;
  for (std::size_t i = 0; i < (family == AF_INET ? 1 : words.size()); ++i) {
    std::array<char, 9> digits;
    std::snprintf(digits.data(), digits.size(), "%08X", words[i]);
    text += digits.data();
  }
  return text;
}

struct Fields {
  std::string local = printed(AF_INET, "127.0.0.1") + ":9C40";
  std::string remote = printed(AF_INET, "10.1.2.3") + ":1F90";
  std::string state = "01";
  std::string queues = "00000000:00000000";
  std::string timer = "00:00000000";

  std::string line() const {
    return "   7: " + local + " " + remote + " " + state + " " + queues + " " + timer +
           " 00000000     0        0 4221 1 00000000a7493e5c 20 0 0 10 -1";
  }
};

TEST(ProcNetTcp, LinesOfAKernel) {
  if (std::endian::native != std::endian::little) GTEST_SKIP() << "of a little-endian machine";
  const auto ipv4 = decode(
      "   4: 0100007F:DE08 0300007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 "
      "42272869 2 000000005f8f4b24 20 0 0 10 -1                 ");
  ASSERT_TRUE(ipv4);
  EXPECT_EQ(ipv4->local.to_string(), "127.0.0.1:56840");
  EXPECT_EQ(ipv4->remote.to_string(), "127.0.0.3:8080");
  EXPECT_EQ(ipv4->state, TcpState::kEstablished);

  const auto ipv6 = decode(
      "   8: B80D0120000000000000000001000000:9392 00000000000000000000000001000000:1F91 06 "
      "00000000:00000000 03:00001751 00000000     0        0 0 3 000000002119c0a6");
  ASSERT_TRUE(ipv6);
  EXPECT_EQ(ipv6->local.to_string(), "[2001:db8::1]:37778");
  EXPECT_EQ(ipv6->remote.to_string(), "[::1]:8081");
  EXPECT_EQ(ipv6->state, TcpState::kTimeWait);
  EXPECT_EQ(ipv6->time_wait_left, milliseconds(59'690));
}

TEST(ProcNetTcp, AddressesWhateverTheMachinesByteOrder) {
  Fields fields;
  fields.local = printed(AF_INET6, "2001:db8:1:2:3:4:5:6") + ":0050";
  fields.remote = printed(AF_INET6, "::ffff:192.0.2.17") + ":FFFF";
  auto socket = decode(fields.line());
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->local.to_string(), "[2001:db8:1:2:3:4:5:6]:80");
  EXPECT_EQ(socket->remote.to_string(), "192.0.2.17:65535");

  fields.remote = printed(AF_INET, "192.0.2.17") + ":FFFF";
  socket = decode(fields.line());
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->remote.to_string(), "192.0.2.17:65535");
}

TEST(ProcNetTcp, EveryState) {
  Fields fields;
  fields.timer = "03:00000001";
  for (int code = 1; code <= 11; ++code) {
    std::array<char, 3> digits;
    std::snprintf(digits.data(), digits.size(), "%02X", static_cast<unsigned>(code));
    fields.state = digits.data();
    const auto socket = decode(fields.line());
    ASSERT_TRUE(socket) << code;
    EXPECT_EQ(socket->state, static_cast<TcpState>(code));
  }
  fields.state = "0C";
  EXPECT_EQ(decode(fields.line())->state, TcpState::kSynRecv);
}

TEST(ProcNetTcp, StatesThatTcpDoesNotHave) {
  Fields fields;
  for (const char* state : {"00", "0E", "FF"}) {
    fields.state = state;
    EXPECT_FALSE(decode(fields.line())) << state;
  }
}

TEST(ProcNetTcp, TimeLeftInTheTicksOfTheMachine) {
  Fields fields;
  fields.state = "06";
  const auto left = [&](const char* timer, std::uint64_t ticks) {
    fields.timer = timer;
    return decode(fields.line(), ticks)->time_wait_left;
  };
  EXPECT_EQ(left("03:00000000", 100), milliseconds(0));
  EXPECT_EQ(left("03:00000BB8", 100), milliseconds(30'000));
  EXPECT_EQ(left("03:0000176F", 100), milliseconds(59'990));
  EXPECT_EQ(left("03:00001770", 100), milliseconds(60'000));
  EXPECT_EQ(left("03:00007800", 1024), milliseconds(30'000));
  EXPECT_EQ(left("03:00001771", 100), reading::kTimeWaitLength);
  EXPECT_EQ(left("03:FFFFFFFFFFFFFFFF", 100), reading::kTimeWaitLength);
}

TEST(ProcNetTcp, OnlyTimeWaitHasATimeLeft) {
  Fields mini_socket;  // FIN_WAIT2 without a process: the same timer
  mini_socket.state = "05";
  mini_socket.timer = "03:00001752";
  const auto socket = decode(mini_socket.line());
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->state, TcpState::kFinWait2);
  EXPECT_EQ(socket->time_wait_left, milliseconds(0));
}

TEST(ProcNetTcp, AListener) {
  Fields fields;
  fields.local = printed(AF_INET6, "::") + ":1F90";
  fields.remote = printed(AF_INET6, "::") + ":0000";
  fields.state = "0A";
  fields.queues = "00000000:00000103";
  const auto listener = decode(fields.line());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->local.to_string(), "[::]:8080");
  EXPECT_EQ(listener->accept_queue, 0x103u);
  EXPECT_EQ(listener->accept_queue_limit, std::nullopt);
  EXPECT_FALSE(listener->ipv6_only);

  fields.state = "01";  // there it is what read() would bring
  EXPECT_EQ(decode(fields.line())->accept_queue, 0u);
}

TEST(ProcNetTcp, TheIdentityIsThatOfThe4Tuple) {
  const Fields fields;
  const std::uint64_t identity = decode(fields.line())->cookie;
  Fields mapped = fields;
  mapped.local = printed(AF_INET6, "::ffff:127.0.0.1") + ":9C40";
  mapped.remote = printed(AF_INET6, "::ffff:10.1.2.3") + ":1F90";
  mapped.state = "05";
  EXPECT_EQ(decode(mapped.line())->cookie, identity);

  std::vector<Fields> others(5, fields);
  others[0].local = printed(AF_INET, "127.0.0.2") + ":9C40";
  others[1].local = printed(AF_INET, "127.0.0.1") + ":9C41";
  others[2].remote = printed(AF_INET, "10.1.2.4") + ":1F90";
  others[3].remote = printed(AF_INET, "10.1.2.3") + ":1F91";
  std::swap(others[4].local, others[4].remote);
  for (const Fields& other : others) EXPECT_NE(decode(other.line())->cookie, identity);
}

std::uint64_t identity_of(const std::string& local, const std::string& remote) {
  Fields fields;
  fields.local = local;
  fields.remote = remote;
  return decode(fields.line())->cookie;
}

std::string hex(const char* format, unsigned number) {
  std::array<char, 16> digits;
  std::snprintf(digits.data(), digits.size(), format, number);
  return digits.data();
}

// What remembers sockets keeps neighbours together, 64 in a row.
TEST(ProcNetTcp, IdentitiesOfAPoolAreNeighbours) {
  std::set<std::uint64_t> identities;
  std::set<std::uint64_t> blocks;
  for (unsigned port = 0; port < 65536; ++port) {
    const std::string local = printed(AF_INET, "127.0.0.1") + hex(":%04X", port);
    const std::uint64_t identity = identity_of(local, Fields().remote);
    identities.insert(identity);
    blocks.insert(identity / 64);
  }
  EXPECT_EQ(identities.size(), 65536u);
  EXPECT_EQ(blocks.size(), 65536u / 64);
  EXPECT_EQ(*identities.rbegin() - *identities.begin(), 65535u);
}

// Pools differ in a few low bits; tables are to be spread over evenly by them all the same.
TEST(ProcNetTcp, IdentitiesOfPoolsAreSpreadEvenly) {
  constexpr std::size_t kBuckets = 256;
  std::set<std::uint64_t> pools;
  std::vector<int> lowest(kBuckets);
  std::vector<int> highest(kBuckets);
  const auto count = [&](const std::string& local, const std::string& remote) {
    const std::uint64_t pool = identity_of(local, remote) >> 16;
    pools.insert(pool);
    ++lowest[pool % kBuckets];
    ++highest[pool >> 40];
  };
  const std::string local = Fields().local;
  const std::string remote_address = printed(AF_INET, "10.1.2.3");
  for (unsigned number = 0; number < 16384; ++number) {
    count(local, remote_address + hex(":%04X", number));
    count(local, hex("%08X:0050", number));
    count(hex("%08X:9C40", number), Fields().remote);
    count(hex("%08X:9C40", number), hex("%08X:0051", number));
  }
  EXPECT_EQ(pools.size(), 65536u);
  const auto even = testing::Each(testing::AllOf(testing::Gt(128), testing::Lt(512)));
  EXPECT_THAT(lowest, even);
  EXPECT_THAT(highest, even);
}

TEST(ProcNetTcp, AFieldThatIsMalformedIsNamed) {
  const auto with = [](std::string Fields::*field, const char* value) {
    Fields fields;
    fields.*field = value;
    return malformed_field(fields.line());
  };
  for (const char* address :
       {"0100007F", "0100007F:", ":1F90", "0100007F:1F90:1", "0100007F:10000", "0100007F:-1",
        "0100007:1F90", "0100007FF:1F90", "0100007G:1F90", "-100007F:1F90", "0x00007F:1F90",
        "000000000000000001000000:1F90", "0000000000000000FFFF00000100007:1F90",
        "0000000000000000FFFF0000010000700:1F90", "\xff\xff\xff\xff\xff\xff\xff\xff:1F90"}) {
    EXPECT_EQ(with(&Fields::local, address), "local address") << address;
    EXPECT_EQ(with(&Fields::remote, address), "remote address") << address;
  }
  for (const char* state : {"x", "100", "-1", "0x1", "1:"}) {
    EXPECT_EQ(with(&Fields::state, state), "state") << state;
  }
  for (const char* pair : {"0", "0:", ":0", "0:0:0", "0:g", "-1:0", "0:10000000000000000"}) {
    EXPECT_EQ(with(&Fields::queues, pair), "queues") << pair;
    EXPECT_EQ(with(&Fields::timer, pair), "timer") << pair;
  }
}

TEST(ProcNetTcp, WhatContradictsItselfIsMalformed) {
  Fields fields;
  fields.state = "06";
  fields.timer = "02:00001751";
  EXPECT_EQ(malformed_field(fields.line()), "timer of a TIME_WAIT socket");
  fields.state = "0A";
  fields.queues = "00000000:100000000";
  EXPECT_EQ(malformed_field(fields.line()), "accept queue");
}

TEST(ProcNetTcp, EveryCutOfALineIsMalformed) {
  const std::string line = Fields().line();
  const std::size_t end = line.find(" 00000000     0");
  const std::size_t last_digits = line.rfind(':', end) + 1;
  for (std::size_t size = 0; size <= last_digits; ++size) {
    EXPECT_NE(malformed_field(line.substr(0, size)), "none") << size;
  }
  EXPECT_EQ(malformed_field(line.substr(0, end)), "none");
}

TEST(ProcNetTcp, TheHeader) {
  EXPECT_TRUE(is_proc_net_tcp_header(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode                                                     "));
  EXPECT_TRUE(is_proc_net_tcp_header(
      "  sl  local_address                         remote_address                        st "
      "tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"));
  for (const char* line : {"", " ", "  sl", "sl  ref pointer", "Iface\tDestination"}) {
    EXPECT_FALSE(is_proc_net_tcp_header(line)) << line;
  }
  EXPECT_FALSE(is_proc_net_tcp_header(Fields().line()));
}

}  // namespace
}  // namespace timewait::kernel
