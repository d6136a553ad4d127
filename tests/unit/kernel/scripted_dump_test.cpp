// SocketDump against a kernel that answers as no real one can be made to.
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/socket_dump.h"
#include "scripted_netlink.h"

namespace timewait::kernel {
namespace {

using reading::FailureReason;
using reading::SocketRecord;
using testing::ElementsAre;

constexpr std::uint32_t kListening = 1u << 10;

using Script = std::function<std::vector<NetlinkAnswer>(const DumpRequest& request)>;

// Answers each request as the script says, and then no more.
class Kernel : public ScriptedNetlink {
 public:
  Kernel(Script script, std::vector<DumpRequest>& requests)
      : script_(std::move(script)), requests_(requests) {}

 private:
  int asked(const DumpRequest& request) override {
    requests_.push_back(request);
    answers_ = script_(request);
    return 0;
  }

  NetlinkAnswer answer() override {
    if (answers_.empty()) return {EAGAIN};
    NetlinkAnswer first = std::move(answers_.front());
    answers_.erase(answers_.begin());
    return first;
  }

  Script script_;
  std::vector<DumpRequest>& requests_;
  std::vector<NetlinkAnswer> answers_;
};

NetlinkAnswer refusal(const DumpRequest& request, int error) {
  Bytes datagram;
  append_answer(datagram, request, NLMSG_ERROR, nlmsgerr{-error, {}});
  return {0, datagram};
}

NetlinkAnswer socket_of(const DumpRequest& request, std::uint32_t cookie) {
  Bytes datagram;
  append_answer(datagram, request, request.header.nlmsg_type, made_socket(1, cookie));
  return {0, datagram};
}

NetlinkAnswer done(const DumpRequest& request) {
  Bytes datagram;
  append_answer(datagram, request, NLMSG_DONE, 0);
  return {0, datagram};
}

class ScriptedDump : public testing::Test {
 protected:
  SocketDump dump(Walk walk, Script script) {
    return SocketDump(NetlinkSocket(std::make_unique<Kernel>(std::move(script), requests_),
                                    ScriptedNetlink::kPortId),
                      walk);
  }

  base::Status<reading::ReadFailure> read(SocketDump& from) {
    cookies_.clear();
    return from.read([this](std::span<const SocketRecord> sockets) {
      for (const SocketRecord& socket : sockets) cookies_.push_back(socket.cookie);
    });
  }

  // What one dump fails with.
  FailureReason failure_of(Walk walk, Script script) {
    SocketDump source = dump(walk, std::move(script));
    const auto status = read(source);
    EXPECT_FALSE(status);
    return status ? FailureReason{} : status.error().reason;
  }

  std::vector<DumpRequest> requests_;
  std::vector<std::uint64_t> cookies_;  // of what the last dump handed out
};

TEST_F(ScriptedDump, WhereTheOneWalkIsRefusedEachFamilyIsAskedFor) {
  SocketDump source =
      dump(Walk::kOnce, [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
        if (request.family == AF_UNSPEC) return {refusal(request, EINVAL)};
        return {socket_of(request, request.header.nlmsg_seq), done(request)};
      });
  ASSERT_TRUE(read(source));
  EXPECT_THAT(cookies_, ElementsAre(2, 3, 4, 5));
  ASSERT_TRUE(read(source));
  EXPECT_THAT(cookies_, ElementsAre(6, 7, 8, 9));  // it was not asked for the one walk again
}

TEST_F(ScriptedDump, AWalkThatBreaksOffIsNotBegunAnotherWay) {
  const auto breaks_off = [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
    return {socket_of(request, 1), refusal(request, EINVAL)};
  };
  EXPECT_EQ(failure_of(Walk::kOnce, breaks_off), FailureReason::kKernelError);
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(ScriptedDump, AKernelWithoutIpv6IsFine) {
  SocketDump source =
      dump(Walk::kByFamily, [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
        if (request.family == AF_INET6) return {refusal(request, ENOENT)};
        return {socket_of(request, request.header.nlmsg_seq), done(request)};
      });
  ASSERT_TRUE(read(source));
  EXPECT_THAT(cookies_, ElementsAre(1, 3));
}

TEST_F(ScriptedDump, IPv6SocketsThatBreakOffAreNotMissing) {
  const auto breaks_off = [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
    if (request.family == AF_INET6) return {socket_of(request, 1), refusal(request, ENOENT)};
    return {done(request)};
  };
  EXPECT_EQ(failure_of(Walk::kByFamily, breaks_off), FailureReason::kKernelError);
}

TEST_F(ScriptedDump, ThereIsNoSockDiagWhereTheFirstRequestIsRefused) {
  const auto refuses = [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
    return {refusal(request, ENOENT)};
  };
  EXPECT_EQ(failure_of(Walk::kOnce, refuses), FailureReason::kUnavailable);
}

// Another reader would hand out again what this one has.
TEST_F(ScriptedDump, SockDiagThatHasAnsweredIsNotUnavailable) {
  const auto refuses_later = [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
    if ((request.states & kListening) == 0) return {refusal(request, ENOENT)};
    return {socket_of(request, 1), done(request)};
  };
  EXPECT_EQ(failure_of(Walk::kByFamily, refuses_later), FailureReason::kKernelError);
}

TEST_F(ScriptedDump, WhatCannotBeReceivedHasItsReason) {
  const auto receiving = [](int error) {
    return [error](const DumpRequest&) { return std::vector<NetlinkAnswer>{{error}}; };
  };
  EXPECT_EQ(failure_of(Walk::kOnce, receiving(EAGAIN)), FailureReason::kTimeout);
  EXPECT_EQ(failure_of(Walk::kOnce, receiving(ENOBUFS)), FailureReason::kOverrun);
  EXPECT_EQ(failure_of(Walk::kOnce, receiving(ENOMEM)), FailureReason::kReceive);
}

TEST_F(ScriptedDump, SignalsAndStrangersAreNoAnswer) {
  SocketDump source = dump(Walk::kOnce, [](const DumpRequest& request) {
    NetlinkAnswer forged = socket_of(request, 1);
    forged.sender = 1;
    return std::vector<NetlinkAnswer>{{EINTR}, forged, socket_of(request, 2), done(request)};
  });
  ASSERT_TRUE(read(source));
  EXPECT_THAT(cookies_, ElementsAre(2));
}

TEST_F(ScriptedDump, WhatIsLeftOfAnEarlierDumpIsSkipped) {
  SocketDump source =
      dump(Walk::kOnce, [](const DumpRequest& request) -> std::vector<NetlinkAnswer> {
        if (request.header.nlmsg_seq == 1) return {socket_of(request, 1)};
        DumpRequest earlier = request;
        earlier.header.nlmsg_seq = 1;
        return {socket_of(earlier, 2), done(earlier), socket_of(request, 3), done(request)};
      });
  ASSERT_FALSE(read(source));
  ASSERT_TRUE(read(source));
  EXPECT_THAT(cookies_, ElementsAre(3));
}

}  // namespace
}  // namespace timewait::kernel
