#include <gmock/gmock.h>

#include "made_host.h"

namespace timewait::diagnosis {
namespace {

using inet::TcpState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class UnknownTest : public testing::Test {
 protected:
  UnknownTest() { host_.connect(TcpState::kEstablished, endpoint("10.0.0.9", 443), 10); }

  std::vector<std::string> unknown() { return host_.diagnose().unknown; }

  MadeHost host_;
};

TEST_F(UnknownTest, PortsHeldByBind) {
  EXPECT_THAT(unknown(), ElementsAre(HasSubstr("--audit (or headroom.audit")));
  EXPECT_EQ(host_.diagnose().proviso, "ports held by bind() were not asked for");
  host_.health.audit = {.last_succeeded = false, .probes = 0};
  EXPECT_THAT(unknown(), ElementsAre(HasSubstr("needs Linux 6.3 or later")));
  EXPECT_EQ(host_.diagnose().proviso, "ports held by bind() could not be asked for");
  host_.health.audit->last_succeeded = true;
  EXPECT_THAT(unknown(), IsEmpty());
  EXPECT_EQ(host_.diagnose().proviso, "");
}

TEST(NothingIsUnknown, WhereNoPortIsInUse) {
  const Diagnosis diagnosis = MadeHost().diagnose();
  EXPECT_THAT(diagnosis.unknown, IsEmpty());
  EXPECT_EQ(diagnosis.proviso, "");
}

TEST_F(UnknownTest, WithoutNetlink) {
  host_.health.audit = {.last_succeeded = true, .probes = 10};
  host_.source = "procfs";
  EXPECT_THAT(unknown(), ElementsAre(HasSubstr("no netlink sock_diag")));
}

TEST_F(UnknownTest, SocketsThatAreMerelyBound) {
  host_.health.audit = {.last_succeeded = true, .probes = 10};
  host_.lists_bound_sockets = false;
  EXPECT_THAT(unknown(), ElementsAre(HasSubstr("Linux 6.8 and later do")));
  host_.source = "procfs";  // says the same of itself
  EXPECT_THAT(unknown(), ElementsAre(HasSubstr("no netlink sock_diag")));
}

TEST_F(UnknownTest, WherePortsDoNotMatterNothingIsSaidOfThem) {
  MadeHost idle;
  idle.lists_bound_sockets = false;
  EXPECT_THAT(idle.diagnose().unknown, IsEmpty());
}

TEST_F(UnknownTest, PeersBeyondTheLimit) {
  host_.health.audit = {.last_succeeded = true, .probes = 10};
  host_.rules.max_discovered_peers = 1;
  host_.connect(TcpState::kEstablished, endpoint("10.0.0.10", 443), 1);
  const Diagnosis diagnosis = host_.diagnose();
  EXPECT_THAT(diagnosis.problems, IsEmpty());
  EXPECT_THAT(diagnosis.unknown, ElementsAre(HasSubstr("1 outbound socket belongs to peers")));
}

TEST_F(UnknownTest, TimestampsOfThePeer) {
  host_.health.audit = {.last_succeeded = true, .probes = 10};
  host_.settings.tw_reuse = 1;
  host_.connect(TcpState::kTimeWait, endpoint("127.0.0.1", 8080), 5, "127.0.0.1");
  EXPECT_THAT(unknown(), IsEmpty());
  host_.connect(TcpState::kTimeWait, endpoint("10.0.0.10", 443), 5);
  EXPECT_THAT(unknown(), ElementsAre(HasSubstr("TCP timestamps")));
}

}  // namespace
}  // namespace timewait::diagnosis
