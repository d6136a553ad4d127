#include <gmock/gmock.h>

#include "made_host.h"

namespace timewait::diagnosis {
namespace {

using inet::TcpState;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Harmless, NothingIsThere) {
  const Diagnosis diagnosis = MadeHost().diagnose();
  EXPECT_THAT(diagnosis.problems, IsEmpty());
  EXPECT_THAT(diagnosis.harmless, IsEmpty());
  EXPECT_THAT(diagnosis.unknown, IsEmpty());
  EXPECT_EQ(diagnosis.worst(), std::nullopt);
}

TEST(Harmless, TimeWaitOfAServer) {
  MadeHost host;
  host.listen("0.0.0.0", 8080);
  host.accept(TcpState::kTimeWait, "10.0.0.1", 8080, 20'000);
  const Diagnosis diagnosis = host.diagnose();
  EXPECT_THAT(diagnosis.problems, IsEmpty());
  EXPECT_THAT(diagnosis.harmless,
              ElementsAre(AllOf(HasSubstr("20,000 TIME_WAIT sockets are of connections that this "
                                          "host accepted and closed first: they hold no port"),
                                HasSubstr("20,000 of at most 131,072"))));
}

TEST(Harmless, TimeWaitThatIsReusedOnLoopback) {
  MadeHost host;
  host.connect(TcpState::kTimeWait, endpoint("127.0.0.1", 8080), 28'000, "127.0.0.1");
  const Diagnosis diagnosis = host.diagnose();
  EXPECT_THAT(diagnosis.problems, IsEmpty());
  EXPECT_THAT(diagnosis.harmless,
              ElementsAre(AllOf(HasSubstr("28,000 TIME_WAIT sockets are on local ports that "
                                          "connect() would take again at once"),
                                HasSubstr("tcp_tw_reuse is 2, for loopback addresses"))));
}

TEST(Harmless, ThePoolWithMostToReuseIsTold) {
  MadeHost host;
  host.connect(TcpState::kTimeWait, endpoint("127.0.0.1", 8080), 100, "127.0.0.1");
  host.connect(TcpState::kTimeWait, endpoint("127.0.0.1", 8081), 300, "127.0.0.1");
  EXPECT_THAT(host.diagnose().harmless,
              ElementsAre(AllOf(HasSubstr("400 TIME_WAIT sockets"),
                                HasSubstr("300 of them from 127.0.0.1 to 127.0.0.1:8081"))));
}

TEST(Harmless, TimeWaitWherePortsArePlenty) {
  MadeHost host;
  for (int i = 1; i <= 10; ++i) {
    host.churn(endpoint("10.0.1." + std::to_string(i), 443), 20 + i, 60);
  }
  const Diagnosis diagnosis = host.diagnose();
  EXPECT_THAT(diagnosis.problems, IsEmpty());
  EXPECT_THAT(diagnosis.harmless,
              ElementsAre(AllOf(HasSubstr("15,300 TIME_WAIT sockets of outbound connections hold"),
                                HasSubstr("spread over 10 pools"),
                                HasSubstr("the tightest, from 10.0.0.1 to 10.0.1.10:443, has 93 % "
                                          "left"))));
}

// What is a problem is not called harmless beside it.
TEST(Harmless, TimeWaitOfAPeerInTroubleIsNot) {
  MadeHost host;
  host.churn(endpoint("10.0.0.9", 443), 440, 60);
  host.churn(endpoint("10.0.0.10", 443), 10, 60);
  EXPECT_THAT(host.diagnose().harmless,
              ElementsAre(AllOf(HasSubstr("600 TIME_WAIT sockets of outbound connections"),
                                HasSubstr("the pool from 10.0.0.1 to 10.0.0.10:443 has 97 %"))));
}

// Here somebody holds all ports by bind(), with SO_REUSEADDR also those in TIME_WAIT.
TEST(Harmless, NoPortIsWhereNobodyHasAny) {
  MadeHost host;
  host.settings.ephemeral_ports = {40'000, 40'099};
  host.connect(TcpState::kTimeWait, endpoint("10.0.0.9", 443), 50);
  host.bind(40'000, 100);
  const Diagnosis diagnosis = host.diagnose();
  EXPECT_EQ(diagnosis.worst(), analysis::Severity::kCritical);
  EXPECT_THAT(diagnosis.harmless, IsEmpty());
}

TEST(Harmless, OfTwoPoolsWithAsManyToReuseTheTighterIsTold) {
  MadeHost host;
  host.connect(TcpState::kTimeWait, endpoint("127.0.0.1", 8080), 100, "127.0.0.1");
  host.connect(TcpState::kTimeWait, endpoint("127.0.0.1", 8081), 100, "127.0.0.1");
  host.connect(TcpState::kEstablished, endpoint("127.0.0.1", 8081), 100, "127.0.0.1");
  EXPECT_THAT(host.diagnose().harmless,
              ElementsAre(HasSubstr("100 of them from 127.0.0.1 to 127.0.0.1:8081")));
}

}  // namespace
}  // namespace timewait::diagnosis
