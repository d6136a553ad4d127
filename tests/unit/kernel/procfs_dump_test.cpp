#include "kernel/procfs_dump.h"

#include <array>
#include <bit>
#include <cstdio>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "allocation_count.h"
#include "proc_tree.h"

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::FailureReason;
using reading::ReadFailure;
using reading::SocketRecord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kHeader =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode                                                     \n";
constexpr const char* kHeader6 =
    "  sl  local_address                         remote_address                        st tx_queue "
    "rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

// As a kernel printed them.
constexpr const char* kListeners =
    "   0: 0300007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "42272884 1 000000006a37351c 100 0 0 10 0                 \n"
    "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 "
    "42272868 4 0000000072426385 100 0 0 10 0                 \n";
constexpr const char* kConnections =
    "   2: 0100007F:DE08 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 "
    "42272869 2 000000005f8f4b24 20 0 0 10 -1                 \n"
    "   3: 0200007F:2329 0100007F:9E38 03 00000000:00000000 01:00000045 00000000     0        0 0 "
    "0 000000004a74cf7c                                     \n"
    "   4: 0100007F:C8A2 0300007F:2328 06 00000000:00000000 03:00001751 00000000     0        0 0 "
    "3 0000000068188ca1                                     \n"
    "   5: 0100007F:C8B0 0300007F:2328 05 00000000:00000000 03:00001752 00000000     0        0 0 "
    "3 00000000ae1af056                                     \n";
constexpr const char* kListeners6 =
    "   0: 00000000000000000000000000000000:20FB 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 42272872 1 00000000923ea21d 100 0 0 10 "
    "0\n";
constexpr const char* kConnections6 =
    "   1: 0000000000000000FFFF00000100007F:20FB 0000000000000000FFFF00000100007F:88A0 06 "
    "00000000:00000000 03:00001751 00000000     0        0 0 3 00000000cd84ea5d\n"
    "   2: 00000000000000000000000001000000:9388 00000000000000000000000001000000:1F91 01 "
    "00000000:00000000 00:00000000 00000000     0        0 42272878 2 00000000585ec97f 20 0 0 10 "
    "-1\n";

std::string describe(const SocketRecord& socket) {
  return std::string(inet::name_of(socket.state)) + " " + socket.local.to_string() + " " +
         socket.remote.to_string();
}

// A connection like no other of the same file.
std::string numbered_connection(int number, bool ipv6) {
  std::array<char, 256> line;
  const char* const format =
      ipv6 ? "%4d: 00000000000000000000000001000000:1F90 %032X:9C40 01 00000000:00000000 "
             "00:00000000 00000000     0        0 4227 1 00000000f557fa57 20 0 0 10 -1\n"
           : "%4d: 0100007F:1F90 %08X:9C40 01 00000000:00000000 00:00000000 00000000     0"
             "        0 4227 1 00000000f557fa57 20 0 0 10 -1                     \n";
  std::snprintf(line.data(), line.size(), format, number, static_cast<unsigned>(number));
  return line.data();
}

class ProcfsDumpTest : public testing::Test {
 protected:
  void write(const std::string& tcp) { proc_.write("thread-self/net/tcp", tcp); }
  void write6(const std::string& tcp6) { proc_.write("thread-self/net/tcp6", tcp6); }

  base::Status<ReadFailure> read() {
    sockets_.clear();
    return dump_.read([this](std::span<const SocketRecord> batch) {
      EXPECT_THAT(batch, testing::Not(IsEmpty()));
      sockets_.insert(sockets_.end(), batch.begin(), batch.end());
    });
  }

  std::vector<std::string> read_well() {
    EXPECT_TRUE(read());
    std::vector<std::string> described;
    for (const SocketRecord& socket : sockets_) described.push_back(describe(socket));
    return described;
  }

  void expect_failure(FailureReason reason, const std::string& message_part) {
    const base::Status<ReadFailure> status = read();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().reason, reason);
    EXPECT_THAT(status.error().message, HasSubstr(message_part));
  }

  ProcTree proc_;
  ProcfsDump dump_{proc_.root()};
  std::vector<SocketRecord> sockets_;
};

TEST_F(ProcfsDumpTest, ListenersOfBothFamiliesComeBeforeAnyConnection) {
  if (std::endian::native != std::endian::little) GTEST_SKIP() << "of a little-endian machine";
  write(std::string(kHeader) + kListeners + kConnections);
  write6(std::string(kHeader6) + kListeners6 + kConnections6);
  EXPECT_THAT(
      read_well(),
      ElementsAre(
          "listen 127.0.0.3:9000 0.0.0.0:0", "listen 127.0.0.1:8080 0.0.0.0:0",
          "listen [::]:8443 [::]:0",  //
          "established 127.0.0.1:56840 127.0.0.1:8080", "syn_recv 127.0.0.2:9001 127.0.0.1:40504",
          "time_wait 127.0.0.1:51362 127.0.0.3:9000", "fin_wait2 127.0.0.1:51376 127.0.0.3:9000",
          "time_wait 127.0.0.1:8443 127.0.0.1:34976", "established [::1]:37768 [::1]:8081"));
  EXPECT_EQ(sockets_[1].accept_queue, 3u);
}

TEST_F(ProcfsDumpTest, FilesLongerThanTheBuffer) {
  constexpr int kCount = 2'000;
  std::string tcp = kHeader;
  std::string tcp6 = kHeader6;
  for (int i = 0; i < kCount; ++i) {
    tcp += numbered_connection(i, false);
    tcp6 += numbered_connection(i, true);
  }
  write(tcp);
  write6(tcp6);
  const std::vector<std::string> sockets = read_well();
  EXPECT_EQ(sockets.size(), 2u * kCount);
  EXPECT_EQ(std::set<std::string>(sockets.begin(), sockets.end()).size(), 2u * kCount);
}

TEST_F(ProcfsDumpTest, MoreListenersThanABatch) {
  constexpr int kCount = 1'000;
  std::string tcp = kHeader;
  for (int i = 0; i < kCount; ++i) tcp += kListeners;
  write(tcp + kConnections);
  write6(std::string(kHeader6) + kListeners6);
  read_well();
  ASSERT_EQ(sockets_.size(), 2u * kCount + 1 + 4);
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    EXPECT_EQ(sockets_[i].state == TcpState::kListen, i <= 2u * kCount) << i;
  }
}

TEST_F(ProcfsDumpTest, AListenerAfterAConnectionIsAnInterruption) {
  write(std::string(kHeader) + kConnections + kListeners);
  expect_failure(FailureReason::kInterrupted, "thread-self/net/tcp");
  write(std::string(kHeader) + kListeners + kConnections);
  write6(std::string(kHeader6) + kConnections6 + kListeners6);
  expect_failure(FailureReason::kInterrupted, "thread-self/net/tcp6");
}

TEST_F(ProcfsDumpTest, ASocketThatIsTakenDownIsNothing) {
  std::string closing = kConnections;
  closing.replace(closing.find(" 01 "), 4, " 07 ");
  write(std::string(kHeader) + closing + closing);
  EXPECT_EQ(read_well().size(), 6u);
}

TEST_F(ProcfsDumpTest, NoSockets) {
  write(kHeader);
  write6(kHeader6);
  EXPECT_THAT(read_well(), IsEmpty());
}

TEST_F(ProcfsDumpTest, AKernelWithoutIpv6) {
  write(std::string(kHeader) + kListeners);
  EXPECT_EQ(read_well().size(), 2u);
}

TEST_F(ProcfsDumpTest, WithoutTcpThereIsNoSource) {
  expect_failure(FailureReason::kUnavailable,
                 "there is no " + proc_.root() + "/thread-self/net/tcp");
  write6(kHeader6);
  expect_failure(FailureReason::kUnavailable, "/thread-self/net/tcp");
}

TEST_F(ProcfsDumpTest, AFileThatCannotBeOpenedIsNotTakenForNone) {
  write(kHeader);
  std::filesystem::create_symlink("tcp6", proc_.root() + "/thread-self/net/tcp6");  // ELOOP
  expect_failure(FailureReason::kUnavailable, "cannot open " + proc_.root());
}

TEST_F(ProcfsDumpTest, AReadThatFails) {
  std::filesystem::create_directories(proc_.root() + "/thread-self/net/tcp");
  expect_failure(FailureReason::kReceive, "cannot read " + proc_.root());
}

TEST_F(ProcfsDumpTest, AMalformedLineIsNamed) {
  write(std::string(kHeader) + kListeners + "   2: 0100007F:DE08 nonsense\n" + kConnections);
  expect_failure(FailureReason::kMalformed, "line 4 of " + proc_.root());
  expect_failure(FailureReason::kMalformed, "malformed: remote address");
}

TEST_F(ProcfsDumpTest, FilesThatAreSomethingElse) {
  for (const std::string& content :
       {std::string(), std::string("\n"), std::string("sl"), std::string("Iface\tDestination\n"),
        std::string(100, char())}) {
    write(content);
    expect_failure(FailureReason::kMalformed, "line 1 of");
  }
  write(kHeader + std::string(5'000, '\xff') + "\n");
  expect_failure(FailureReason::kMalformed, "line 2 of");
}

TEST_F(ProcfsDumpTest, ALineThatIsCutShort) {
  const std::string whole = std::string(kHeader) + kListeners;
  for (std::size_t size = 1; size < whole.size(); ++size) {
    if (whole[size - 1] == '\n') continue;
    write(whole.substr(0, size));
    expect_failure(FailureReason::kMalformed, "malformed");
  }
}

TEST_F(ProcfsDumpTest, ALineLongerThanTheBuffer) {
  std::string line = numbered_connection(1, false);
  line.insert(line.size() - 1, 15'000, ' ');
  write(kHeader + line + line);
  EXPECT_EQ(read_well().size(), 2u);
  line.insert(line.size() - 1, 5'000, ' ');
  write(kHeader + line);
  expect_failure(FailureReason::kMalformed, "line 2 of " + proc_.root());
  expect_failure(FailureReason::kMalformed, "too long");
}

TEST_F(ProcfsDumpTest, AFailureIsForgottenByTheNextRead) {
  const std::string good = std::string(kHeader) + kListeners + kConnections;
  write(good);
  const std::vector<std::string> first = read_well();
  write(good + "nonsense\n");
  expect_failure(FailureReason::kMalformed, "line 8");
  write(good);
  EXPECT_EQ(read_well(), first);
}

TEST_F(ProcfsDumpTest, LeavesNoFileOpen) {
  write(kHeader);
  write6(kHeader6);
  const auto open_files = [] {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return std::distance(begin(entries), end(entries));
  };
  const auto before = open_files();
  read_well();
  EXPECT_EQ(open_files(), before);
  write6("nonsense\n");
  EXPECT_FALSE(read());
  EXPECT_EQ(open_files(), before);
}

TEST_F(ProcfsDumpTest, ASocketCostsNoAllocation) {
  const auto allocations_of = [this](int sockets) {
    std::string tcp = kHeader;
    for (int i = 0; i < sockets; ++i) tcp += numbered_connection(i, false);
    write(tcp);
    std::size_t seen = 0;
    const reading::SocketSink sink = [&seen](std::span<const SocketRecord> b) { seen += b.size(); };
    const std::uint64_t before = bench::allocation_count();
    EXPECT_TRUE(dump_.read(sink));
    const std::uint64_t allocations = bench::allocation_count() - before;
    EXPECT_EQ(seen, static_cast<std::size_t>(sockets));
    return allocations;
  };
  EXPECT_EQ(allocations_of(10'000), allocations_of(1));
}

}  // namespace
}  // namespace timewait::kernel
