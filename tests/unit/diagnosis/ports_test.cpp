// Ports toward a peer that are short: which cause is named, and what is advised.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "analysis/findings.h"
#include "made_host.h"

namespace timewait::diagnosis {
namespace {

using analysis::FindingKind;
using analysis::Severity;
using inet::TcpState;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const inet::Endpoint kApi = endpoint("10.0.0.9", 443);

// --- TIME_WAIT

TEST(PortsOfAPeer, ChurnNearExhaustion) {
  MadeHost host;
  host.churn(kApi, 440, 60);
  host.connect(TcpState::kEstablished, kApi, 100);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.severity, Severity::kCritical);
  EXPECT_EQ(problem.finding.kind, FindingKind::kHeadroom);
  EXPECT_THAT(problem.evidence,
              ElementsAre("26,500 of 28,232 usable ports are taken from 10.0.0.1 to 10.0.0.9:443: "
                          "26,400 in TIME_WAIT and 100 established.",
                          "440 connections a second are opened there, and 471 a second can be "
                          "sustained.",
                          HasSubstr("is 32768 to 60999: 28,232 ports.")));
  EXPECT_THAT(problem.why, AllOf(HasSubstr("closed by this host"), HasSubstr("here for 60 s"),
                                 HasSubstr("enough for 471 new connections a second")));
  EXPECT_EQ(lines_of(problem),
            "    sysctl -w net.ipv4.ip_local_port_range=\"15000 64999\"\n"
            "    sysctl -w net.ipv4.tcp_tw_reuse=1\n"
            "    upstream app {\n"
            "        server 10.0.0.9:443;\n"
            "        keepalive 64;\n"
            "        keepalive_timeout 15s;\n"
            "    }\n"
            "    location / {\n"
            "        proxy_pass https://app;\n"
            "        proxy_set_header Host NAME;\n"
            "        proxy_ssl_server_name on;\n"
            "        proxy_ssl_name NAME;\n"
            "        proxy_http_version 1.1;\n"
            "        proxy_set_header Connection \"\";\n"
            "    }\n"
            "    timeout 5 sh -c 'while :; do ss -Htnp dst 10.0.0.9:443; done' | grep -o "
            "'users:((\"[^\"]*\",pid=[0-9]*' | sort | uniq -c | sort -rn\n"
            "    PoolingHttpClientConnectionManagerBuilder.create()\n"
            "        .setMaxConnPerRoute(50).setMaxConnTotal(200)\n");
  EXPECT_THAT(problem.remedies[0].what, StartsWith("Now: widen the range"));
  EXPECT_THAT(problem.remedies[2].what, StartsWith("Then: if nginx opens them"));
  EXPECT_THAT(text_of(problem), AllOf(HasSubstr("NAT gateway"), Not(HasSubstr("CLOSE_WAIT"))));
}

TEST(PortsOfAPeer, ABurstThatIsOver) {
  MadeHost host;
  host.connect(TcpState::kTimeWait, kApi, 27'000);  // half a minute ago
  EXPECT_THAT(only_problem(host.diagnose()).why,
              HasSubstr("It was a burst: hardly any are opened at present, and the ports come back "
                        "within 30 s."));
  host.churn(kApi, 400, 3);  // one that has only begun
  EXPECT_THAT(only_problem(host.diagnose()).why, Not(HasSubstr("burst")));
}

// Hardly any are opened there because none can be.
TEST(PortsOfAPeer, NoPortIsLeft) {
  MadeHost host;
  host.connect(TcpState::kTimeWait, kApi, 28'232);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.finding.text, HasSubstr("no local port is left"));
  EXPECT_THAT(text_of(problem), AllOf(HasSubstr("closed by this host"), Not(HasSubstr("burst")),
                                      Not(HasSubstr("are opened there"))));
}

TEST(PortsOfAPeer, EachOfItsServersIsInTheUpstream) {
  MadeHost host;
  inet::EndpointMatcher tomcats;
  tomcats.ports = {8080, 8080};
  host.rules.peers = {{"app", {tomcats}}};
  host.churn(endpoint("10.0.0.9", 8080), 440, 60);
  host.churn(endpoint("10.0.0.10", 8080), 10, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(lines_of(problem), HasSubstr("    upstream app {\n"
                                           "        server 10.0.0.9:8080;\n"
                                           "        server 10.0.0.10:8080;\n"
                                           "        keepalive 64;\n"));
  EXPECT_THAT(lines_of(problem), HasSubstr("proxy_pass http://app;"));
}

TEST(PortsOfAPeer, ADatabaseGetsAPoolAndNoUpstream) {
  MadeHost host;
  host.churn(endpoint("10.0.0.9", 5432), 440, 60);
  EXPECT_THAT(text_of(only_problem(host.diagnose())),
              AllOf(HasSubstr("config.setMaximumPoolSize(20);"), Not(HasSubstr("upstream"))));
}

TEST(PortsOfAPeer, ReuseIsAdvisedOnlyWhereItHelps) {
  const auto lines = [](std::optional<int> tw_reuse, bool timestamps, std::string_view from,
                        std::string_view to) {
    MadeHost host;
    host.settings.tw_reuse = tw_reuse;
    host.settings.timestamps = timestamps;
    host.churn(endpoint(to, 8080), 440, 60, from);
    return lines_of(only_problem(host.diagnose()));
  };
  const std::string reuse = "net.ipv4.tcp_tw_reuse=";
  EXPECT_THAT(lines(2, true, "10.0.0.1", "10.0.0.9"), HasSubstr(reuse + "1\n"));
  EXPECT_THAT(lines(0, true, "10.0.0.1", "10.0.0.9"), HasSubstr(reuse + "1\n"));
  EXPECT_THAT(lines(0, true, "127.0.0.1", "127.0.0.1"), HasSubstr(reuse + "2\n"));
  EXPECT_THAT(lines(0, false, "127.0.0.1", "127.0.0.1"), Not(HasSubstr("sysctl -w net.ipv4.tcp")));
  EXPECT_THAT(lines(1, false, "10.0.0.1", "10.0.0.9"), HasSubstr("net.ipv4.tcp_timestamps=1\n"));
  EXPECT_THAT(lines(2, false, "127.0.0.1", "127.0.0.1"),
              AllOf(HasSubstr("net.ipv4.tcp_timestamps=1\n"), Not(HasSubstr(reuse))));
  EXPECT_THAT(lines(2, false, "10.0.0.1", "10.0.0.9"), Not(HasSubstr(reuse)));
  EXPECT_THAT(lines(std::nullopt, true, "10.0.0.1", "10.0.0.9"), Not(HasSubstr(reuse)));
}

// Those of the last second cannot be taken yet.
TEST(PortsOfAPeer, MoreThanEvenReuseBears) {
  MadeHost host;
  host.churn(endpoint("127.0.0.1", 8080), 27'000, 1, "127.0.0.1");
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why, HasSubstr("here for 1 s, so that 28,232 ports are enough for 28,232"));
  EXPECT_THAT(lines_of(problem), AllOf(HasSubstr("keepalive 64;"), Not(HasSubstr("tcp_tw_reuse"))));
}

// --- The range

std::string advice_for_a_range_of(int ports) {
  MadeHost host;
  host.settings.ephemeral_ports = {10'000, static_cast<std::uint16_t>(10'000 + ports - 1)};
  host.churn(kApi, ports / 62, 60);
  return lines_of(only_problem(host.diagnose()));
}

// By a quarter or less.
TEST(PortsOfAPeer, ARangeThatIsWideIsNotWidened) {
  EXPECT_THAT(advice_for_a_range_of(55'000), Not(HasSubstr("ip_local_port_range")));
  EXPECT_THAT(advice_for_a_range_of(40'000), Not(HasSubstr("ip_local_port_range")));
  EXPECT_THAT(advice_for_a_range_of(39'999), HasSubstr("ip_local_port_range"));
}

TEST(PortsOfAPeer, WhatListensInTheWiderRangeIsReservedFirst) {
  MadeHost host;
  host.settings.reserved_ports.insert(inet::PortRange{9'000, 9'001});
  host.listen("0.0.0.0", 80);
  host.listen("0.0.0.0", 18'080);
  host.listen("127.0.0.1", 27'017);
  host.churn(kApi, 440, 60);
  EXPECT_THAT(lines_of(only_problem(host.diagnose())),
              HasSubstr("    sysctl -w net.ipv4.ip_local_reserved_ports=9000-9001,18080,27017\n"
                        "    sysctl -w net.ipv4.ip_local_port_range=\"15000 64999\"\n"));
}

TEST(PortsOfAPeer, ASmallRangeIsSaidToBeSmall) {
  MadeHost host;
  host.settings.ephemeral_ports = {40'000, 40'999};
  host.churn(kApi, 16, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why,
              AllOf(HasSubstr("closed by this host"), HasSubstr("The range is a small one")));
}

// Each line that looks at a namespace or changes it does so in that one.
TEST(PortsOfAPeer, AnotherNamespaceIsEntered) {
  MadeHost host;
  host.netns = "app";
  host.path = "/run/netns/app";
  host.listen("0.0.0.0", 18'080);
  host.churn(kApi, 440, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.remedies[0].where,
              AllOf(HasSubstr("as root in network namespace app"), HasSubstr("--sysctl")));
  EXPECT_EQ(problem.remedies[0].lines,
            (std::vector<std::string>{
                "nsenter --net=/run/netns/app sysctl -w net.ipv4.ip_local_reserved_ports=18080",
                "nsenter --net=/run/netns/app sysctl -w "
                "net.ipv4.ip_local_port_range=\"15000 64999\""}));
  EXPECT_THAT(lines_of(problem),
              AllOf(HasSubstr("nsenter --net=/run/netns/app sysctl -w net.ipv4.tcp_tw_reuse=1"),
                    HasSubstr("nsenter --net=/run/netns/app timeout 5 sh -c 'while")));
}

// Where nothing is broken yet, what takes the cause away comes first.
TEST(PortsOfAPeer, AWarningIsNoHurry) {
  MadeHost host;
  host.churn(kApi, 390, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.severity, Severity::kWarning);
  EXPECT_THAT(problem.remedies[0].what, StartsWith("If nginx"));
  EXPECT_THAT(problem.remedies.back().lines[0], HasSubstr("tcp_tw_reuse"));
}

// All of the half that connect() tries first.
TEST(PortsOfAPeer, WhatIsOnlySlowGetsOneRemedy) {
  MadeHost host;
  host.connect_on_every_second_port(TcpState::kTimeWait, kApi, 28'232 / 2);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kSlowConnect);
  EXPECT_EQ(problem.remedies.size(), 1u);
  EXPECT_THAT(lines_of(problem), Not(HasSubstr("sysctl")));
}

// --- Open connections

TEST(PortsOfAPeer, TooManyAreOpen) {
  MadeHost host;
  host.connect(TcpState::kEstablished, kApi, 27'000);
  host.churn(kApi, 10, 60);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why, HasSubstr("there are very many"));
  EXPECT_THAT(problem.evidence[0], HasSubstr("600 in TIME_WAIT and 27,000 established"));
  EXPECT_THAT(problem.remedies[1].what, StartsWith("Now: restart that program"));
  EXPECT_THAT(text_of(problem),
              AllOf(HasSubstr("ss -Htnp state established dst 10.0.0.9:443 |"),
                    HasSubstr("setMaxConnPerRoute"), Not(HasSubstr("keepalive")),
                    Not(HasSubstr("tcp_tw_reuse")), Not(HasSubstr("second are opened"))));
}

// Few of them yet; the range is as large as ever.
TEST(PortsOfAPeer, ALeakThatIsYoung) {
  MadeHost host;
  host.connect(TcpState::kEstablished, kApi, 100);
  host.opened = 50;
  host.opened_toward = kApi;
  host.polls = 16;
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kExhaustion);
  EXPECT_THAT(problem.why, HasSubstr("they become more: a leak"));
  EXPECT_THAT(text_of(problem), Not(HasSubstr("The range is small")));
}

TEST(PortsOfAPeer, APeerThatDoesNotAnswer) {
  MadeHost host;
  host.connect(TcpState::kSynSent, kApi, 24'000);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why, HasSubstr("The peer does not answer"));
  EXPECT_THAT(lines_of(problem),
              AllOf(HasSubstr("'</dev/tcp/10.0.0.9/443'"), HasSubstr("proxy_connect_timeout"),
                    Not(HasSubstr("tcp_tw_reuse"))));
}

TEST(PortsOfAPeer, APeerThatDoesNotClose) {
  MadeHost host;
  host.connect(TcpState::kFinWait2, kApi, 24'000);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why, HasSubstr("the peer does not close its own"));
  EXPECT_THAT(lines_of(problem), AllOf(HasSubstr("state close-wait 'sport = :443'"),
                                       HasSubstr("net.ipv4.tcp_fin_timeout=15")));
}

// Both ends are here, and one of them is told.
TEST(PortsOfAPeer, APeerOnThisHostThatDoesNotClose) {
  MadeHost host;
  host.listen("127.0.0.1", 8080);
  host.accept(TcpState::kCloseWait, "127.0.0.1", 8080, 24'000);
  host.connect(TcpState::kFinWait2, endpoint("127.0.0.1", 8080), 24'000, "127.0.0.1");
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kHeadroom);
  EXPECT_THAT(problem.why, HasSubstr("has not called close()"));
  EXPECT_THAT(lines_of(problem), HasSubstr("state close-wait '( sport = :8080 )'"));
}

TEST(PortsOfAPeer, APeerThatIsGone) {
  MadeHost host;
  host.connect(TcpState::kFinWait1, kApi, 14'000);
  host.connect(TcpState::kLastAck, kApi, 10'000);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why, HasSubstr("does not even acknowledge"));
  EXPECT_THAT(lines_of(problem), Not(HasSubstr("tcp_fin_timeout")));
}

TEST(PortsOfAPeer, ConnectionsThatAreNeverClosedTakeItsPorts) {
  MadeHost host;
  host.connect(TcpState::kCloseWait, kApi, 24'000);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kHeadroom);
  EXPECT_THAT(problem.why, HasSubstr("has not called close()"));
  EXPECT_THAT(problem.evidence[0], HasSubstr("24,000 connections to 10.0.0.9:443 stay in"));
  EXPECT_THAT(lines_of(problem), HasSubstr("ss -Htnp state close-wait dst 10.0.0.9:443 |"));
}

// --- Ports that all pools have lost

TEST(LostPorts, HeldByBind) {
  MadeHost host;
  host.bind(50'000, 5'000);
  host.connect(TcpState::kEstablished, kApi, 10);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kBoundPorts);
  EXPECT_THAT(
      problem.evidence,
      ElementsAre(HasSubstr("28,232 ports, less 5,000 held by bind()."),
                  HasSubstr("Of the ports held by bind(), 5,000 by sockets that are bound and")));
  EXPECT_THAT(lines_of(problem),
              AllOf(HasSubstr("IP_BIND_ADDRESS_NO_PORT"),
                    HasSubstr("strace -f -e trace=bind,connect"), Not(HasSubstr("keepalive"))));
}

// Each peer is short of them, and it is one problem.
TEST(LostPorts, HeldByBindAndShort) {
  MadeHost host;
  for (int port = 37'000; port < 61'000; ++port)
    host.audited.insert(static_cast<std::uint16_t>(port));
  host.connect(TcpState::kEstablished, kApi, 4'000);
  host.connect(TcpState::kEstablished, endpoint("10.0.0.10", 443), 3'900);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kHeadroom);
  EXPECT_EQ(problem.finding.severity, Severity::kCritical);
  EXPECT_THAT(problem.evidence,
              testing::Contains(HasSubstr("24,000 of 28,232 usable ports of the ephemeral range")));
  EXPECT_THAT(problem.evidence, testing::Contains(HasSubstr("Toward 10.0.0.10:443")));
  EXPECT_THAT(problem.why, HasSubstr("missing in every pool"));
  EXPECT_THAT(text_of(problem), Not(HasSubstr("setMaxConnPerRoute")));
}

TEST(LostPorts, HeldByWhatListens) {
  MadeHost host;
  for (int port = 40'000; port < 44'000; ++port) host.listen("0.0.0.0", port);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kBoundPorts);
  EXPECT_THAT(problem.evidence, testing::Contains(HasSubstr("4,000 listeners are on ports of")));
  EXPECT_THAT(text_of(problem), AllOf(HasSubstr("listens in the range listen below"),
                                      Not(HasSubstr("IP_BIND_ADDRESS_NO_PORT"))));
}

TEST(LostPorts, Reserved) {
  MadeHost host;
  host.settings.reserved_ports.insert(inet::PortRange{32'900, 60'999});
  host.connect(TcpState::kEstablished, kApi, 125);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.kind, FindingKind::kHeadroom);
  EXPECT_THAT(problem.why, HasSubstr("net.ipv4.ip_local_reserved_ports"));
  EXPECT_THAT(problem.evidence, testing::Contains("Reserved are 32900-60999."));
  EXPECT_THAT(lines_of(problem), HasSubstr("sysctl -w net.ipv4.ip_local_reserved_ports=\n"));
  EXPECT_THAT(text_of(problem), HasSubstr("to 50,000 ports that can be used"));
}

// It would take few connections to fill it.
TEST(LostPorts, BeyondATinyRange) {
  MadeHost host;
  host.settings.ephemeral_ports = {40'000, 40'999};
  host.connect(TcpState::kEstablished, kApi, 450);
  host.connect(TcpState::kCloseWait, kApi, 400);
  const Problem problem = host.diagnose().problems.at(0);
  EXPECT_THAT(problem.evidence[0], HasSubstr("450 established and 400 in CLOSE_WAIT"));
  EXPECT_THAT(problem.why, HasSubstr("The range is small"));
  EXPECT_THAT(text_of(problem),
              AllOf(HasSubstr("ip_local_port_range=\"15000 64999\""), Not(HasSubstr("leak"))));
}

// A rate that all of the range would bear.
TEST(LostPorts, APaceThatBindMakesTooFast) {
  MadeHost host;
  for (int port = 37'000; port < 61'000; ++port)
    host.audited.insert(static_cast<std::uint16_t>(port));
  host.churn(kApi, 80, 20);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_THAT(problem.why, HasSubstr("missing in every pool"));
}

TEST(LostPorts, NoneIsLeftAtAll) {
  MadeHost host;
  host.settings.ephemeral_ports = {40'000, 40'099};
  host.settings.reserved_ports.insert(inet::PortRange{40'000, 40'089});
  host.bind(40'090, 10);
  const Problem problem = only_problem(host.diagnose());
  EXPECT_EQ(problem.finding.severity, Severity::kCritical);
  EXPECT_THAT(problem.why, HasSubstr("ip_local_reserved_ports"));
}

// Who holds most of them is to blame.
TEST(LostPorts, HeldByWhatListensAndOtherwise) {
  const auto text = [](int listening, int bound) {
    MadeHost host;
    host.settings.ephemeral_ports = {40'000, 40'999};
    for (int i = 0; i < listening; ++i) host.listen("0.0.0.0", 40'000 + i);
    host.bind(40'500, bound);
    return text_of(host.diagnose().problems.at(0));
  };
  const std::string no_port = "IP_BIND_ADDRESS_NO_PORT";
  const std::string below = "listen below port 15000";
  EXPECT_THAT(text(120, 100), AllOf(HasSubstr(below), Not(HasSubstr(no_port))));
  EXPECT_THAT(text(100, 120), AllOf(HasSubstr(no_port), Not(HasSubstr(below))));
  EXPECT_THAT(text(100, 120), HasSubstr("100 are held by what listens and 120 by sockets"));
}

TEST(LostPorts, AreMentionedBesideTheCause) {
  MadeHost host;
  host.settings.ephemeral_ports = {40'000, 49'999};
  host.bind(48'000, 2'000);
  host.churn(kApi, 120, 60);
  const Problem problem = host.diagnose().problems.at(0);
  EXPECT_THAT(problem.why,
              AllOf(HasSubstr("closed by this host"),
                    HasSubstr("Besides, bind() holds 2,000 ports"), Not(HasSubstr("a small one"))));
}

// --- Reserved ports: one list for all, since each line replaces the one before

TEST(Reservation, IsTheSameInEachProblem) {
  MadeHost host;
  host.listen("0.0.0.0", 20'000);
  host.listen("0.0.0.0", 40'500);
  host.churn(kApi, 440, 60);
  const Diagnosis diagnosis = host.diagnose();
  ASSERT_EQ(diagnosis.problems.size(), 2u);
  for (const Problem& problem : diagnosis.problems) {
    EXPECT_THAT(lines_of(problem), HasSubstr("ip_local_reserved_ports=20000,40500\n"));
  }
}

TEST(Reservation, IsNotAdvisedWhereTheKernelWouldCutItOff) {
  MadeHost host;
  for (int i = 0; i < 800; ++i) host.listen("0.0.0.0", 15'000 + 2 * i);
  host.listen("0.0.0.0", 40'500);
  host.churn(kApi, 440, 60);
  const std::string text = text_of(host.diagnose());
  EXPECT_THAT(text, AllOf(HasSubstr("upstream app"), HasSubstr("Let them listen below the range"),
                          Not(HasSubstr("sysctl -w net.ipv4.ip_local"))));
}

}  // namespace
}  // namespace timewait::diagnosis
