// What is wrong besides ports toward a peer.
#include <string>

#include <gmock/gmock.h>

#include "analysis/findings.h"
#include "made_host.h"

namespace timewait::diagnosis {
namespace {

using analysis::FindingKind;
using analysis::Severity;
using inet::TcpState;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const inet::Endpoint kApi = endpoint("10.0.0.9", 443);

// --- tcp_max_tw_buckets

TEST(TimeWaitLimit, ReachedByConnectionsThatThisHostOpens) {
  MadeHost host;
  host.settings.max_tw_buckets = 4'096;
  host.churn(kApi, 68, 60);
  host.overflows = 100;
  const Diagnosis diagnosis = host.diagnose();
  const Problem problem = only_problem(diagnosis);
  EXPECT_EQ(problem.finding.kind, FindingKind::kTimeWaitLimit);
  EXPECT_THAT(problem.evidence,
              testing::ElementsAre("4,080 of 4,080 TIME_WAIT sockets are of connections that this "
                                   "host opened, 4,080 of them to 10.0.0.9:443."));
  EXPECT_THAT(text_of(problem), AllOf(HasSubstr("server 10.0.0.9:443;"),
                                      HasSubstr("sysctl -w net.ipv4.tcp_max_tw_buckets=65536"),
                                      HasSubstr("more ports stay taken")));
  EXPECT_THAT(diagnosis.harmless, IsEmpty());
  EXPECT_THAT(text_of(diagnosis), HasSubstr("unknown: As long as connections end without"));
}

TEST(TimeWaitLimit, ReachedByConnectionsThatThisHostAccepts) {
  MadeHost host;
  host.settings.max_tw_buckets = 131'072;
  host.listen("0.0.0.0", 8080);
  host.accept(TcpState::kTimeWait, "10.0.0.1", 8080, 130'000);
  host.churn(kApi, 10, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.evidence[0], HasSubstr("accepted, 130,000 of them by *:8080"));
  EXPECT_THAT(text_of(problem),
              AllOf(HasSubstr("tcp_max_tw_buckets=262144"), Not(HasSubstr("upstream")),
                    Not(HasSubstr("more ports stay taken"))));
}

// More room would take more ports: that is not advised where they are short.
TEST(TimeWaitLimit, IsOneProblemWithThePortsThatItsConnectionsTake) {
  MadeHost host;
  host.settings.max_tw_buckets = 26'000;
  host.churn(kApi, 433, 60);
  host.overflows = 100;
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kHeadroom);
  EXPECT_THAT(problem.evidence, testing::Contains(HasSubstr("net.ipv4.tcp_max_tw_buckets")));
  EXPECT_THAT(lines_of(problem),
              AllOf(HasSubstr("keepalive 64;"), Not(HasSubstr("tcp_max_tw_buckets"))));
  EXPECT_THAT(text_of(problem), Not(HasSubstr("second are opened there")));
}

// Of as many, those that are accepted are told.
TEST(TimeWaitLimit, ReachedByBothAlike) {
  MadeHost host;
  host.settings.max_tw_buckets = 1'000;
  host.listen("0.0.0.0", 8080);
  host.accept(TcpState::kTimeWait, "10.0.0.1", 8080, 480);
  host.connect(TcpState::kTimeWait, kApi, 480);
  EXPECT_THAT(only_problem(host.diagnose()).evidence[0], HasSubstr("accepted, 480 of them by"));
}

TEST(TimeWaitLimit, OfNone) {
  MadeHost host;
  host.settings.max_tw_buckets = 0;
  host.listen("0.0.0.0", 8080);
  host.connect(TcpState::kEstablished, kApi, 10);
  host.overflows = 100;
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.evidence, testing::ElementsAre("No socket is in TIME_WAIT at present."));
  EXPECT_EQ(lines_of(problem), "    sysctl -w net.ipv4.tcp_max_tw_buckets=65536\n");
}

// --- CLOSE_WAIT

TEST(CloseWait, OfAPeer) {
  MadeHost host;
  host.connect(TcpState::kCloseWait, kApi, 40);
  host.connect(TcpState::kEstablished, kApi, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kCloseWait);
  EXPECT_THAT(problem.finding.text, HasSubstr("40 connections to 10.0.0.9:443 stay in CLOSE_WAIT"));
  EXPECT_THAT(problem.evidence,
              testing::ElementsAre("100 of 28,232 usable ports are taken from 10.0.0.1 to "
                                   "10.0.0.9:443: 60 established and 40 in CLOSE_WAIT."));
  EXPECT_EQ(problem.remedies[0].lines[0],
            "ss -Htnp state close-wait dst 10.0.0.9:443 | grep -o 'users:((\"[^\"]*\",pid=[0-9]*' "
            "| sort | uniq -c | sort -rn");
  EXPECT_THAT(lines_of(problem), Not(HasSubstr("sysctl")));
}

TEST(CloseWait, OfAListener) {
  MadeHost host;
  host.listen("0.0.0.0", 8080);
  host.accept(TcpState::kCloseWait, "10.0.0.1", 8080, 40);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kCloseWait);
  EXPECT_THAT(lines_of(problem), HasSubstr("ss -Htnp state close-wait '( sport = :8080 )' |"));
}

TEST(CloseWait, ThePoolWithMostIsTold) {
  MadeHost host;
  inet::EndpointMatcher everywhere;
  everywhere.ports = {443, 443};
  host.rules.peers = {{"api", {everywhere}}};
  host.connect(TcpState::kCloseWait, endpoint("10.0.0.8", 443), 10);
  host.connect(TcpState::kCloseWait, endpoint("10.0.0.9", 443), 30);
  host.connect(TcpState::kEstablished, endpoint("10.0.0.8", 443), 90);
  EXPECT_THAT(lines_of(only_problem(host.diagnose())), HasSubstr("dst 10.0.0.9:443"));
}

// Ports are short for another reason: two problems.
TEST(CloseWait, BesidePortsThatAreShortForAnotherReason) {
  MadeHost host;
  host.connect(TcpState::kCloseWait, kApi, 40);
  host.churn(kApi, 440, 60);
  const Diagnosis diagnosis = host.diagnose();
  ASSERT_EQ(diagnosis.problems.size(), 2u);
  EXPECT_THAT(diagnosis.problems[0].why, HasSubstr("closed by this host"));
  EXPECT_EQ(diagnosis.problems[1].finding.kind, FindingKind::kCloseWait);
}

// --- Listeners

TEST(AcceptQueue, IsFull) {
  MadeHost host;
  host.listen("0.0.0.0", 8080, 200);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.severity, Severity::kCritical);
  EXPECT_THAT(text_of(problem),
              AllOf(HasSubstr("to call accept()"), HasSubstr("ss -tlnp '( sport = :8080 )'"),
                    HasSubstr("net.core.somaxconn=4096")));
}

TEST(AcceptQueue, ALongerOneIsLonger) {
  MadeHost host;
  host.listen("0.0.0.0", 8080, 10'000, 5'000);
  EXPECT_THAT(
      lines_of(only_problem(host.diagnose())),
      AllOf(HasSubstr("net.core.somaxconn=16384\n"), HasSubstr("listen 8080 backlog=16384;\n")));
}

TEST(ListenerInTheRange, IsReserved) {
  MadeHost host;
  host.settings.reserved_ports.insert(50'001);
  host.listen("0.0.0.0", 50'000);
  host.listen("0.0.0.0", 50'001);
  host.listen("127.0.0.1", 50'002);
  const Diagnosis diagnosis = host.diagnose();
  const Problem problem = only_problem(diagnosis);
  EXPECT_EQ(problem.finding.severity, Severity::kInfo);
  EXPECT_EQ(lines_of(problem), "    sysctl -w net.ipv4.ip_local_reserved_ports=50000-50002\n");
  EXPECT_EQ(diagnosis.worst(), Severity::kInfo);
}

// --- Polls and names

TEST(Polls, OfANamespaceThatCannotBeEntered) {
  analysis::ExporterState state;
  state.namespaces = {{"", nullptr, {}}, {"app", nullptr, {}}};
  for (analysis::NamespaceState& each : state.namespaces) {
    each.failure = {reading::FailureReason::kNamespace, "setns: Operation not permitted"};
  }
  const Diagnosis diagnosis = diagnose(state, {});
  ASSERT_EQ(diagnosis.problems.size(), 2u);
  EXPECT_EQ(diagnosis.worst(), Severity::kCritical);
  EXPECT_THAT(diagnosis.problems[1].finding.text, HasSubstr("setns: Operation not permitted."));
  EXPECT_THAT(diagnosis.problems[1].why, HasSubstr("CAP_SYS_ADMIN"));
}

TEST(HostNames, AreOneProblem) {
  analysis::ExporterState state;
  state.hosts = {{"a.example", false, 0}, {"b.example", true, 1}, {"c.example", false, 0}};
  const Problem problem = only_problem(diagnose(state, {}));
  EXPECT_EQ(lines_of(problem), "    getent ahosts a.example\n    getent ahosts c.example\n");
  EXPECT_THAT(problem.evidence, testing::ElementsAre(HasSubstr("c.example does not resolve")));
}

TEST(Reload, HasItsSentence) {
  analysis::ExporterState state;
  state.config.last_reload_succeeded = false;
  EXPECT_EQ(only_problem(diagnose(state, {})).finding.kind, FindingKind::kReload);
}

}  // namespace
}  // namespace timewait::diagnosis
