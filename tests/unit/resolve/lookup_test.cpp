#include "resolve/lookup.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_server.h"

namespace timewait::resolve {
namespace {

using testing::Contains;
using testing::ElementsAreArray;
using namespace std::chrono_literals;

inet::Address address(std::string_view text) { return inet::Address::parse(text).value(); }

class LookupTest : public testing::Test {
 protected:
  Options options() const { return {resolv_conf_, kServerPort, 500ms}; }

  base::Result<Answer> look_up(const std::string& name) const {
    Lookup lookup(name, options());
    while (!lookup.outcome()) {
      std::vector<pollfd> sockets;
      lookup.watch(sockets);
      ::poll(sockets.data(), sockets.size(), static_cast<int>(lookup.patience().count()));
      lookup.go_on(sockets);
    }
    return *lookup.outcome();
  }

  std::vector<inet::Address> addresses_of(const std::string& name) const {
    base::Result<Answer> answer = look_up(name);
    if (!answer) {
      ADD_FAILURE() << name << ": " << answer.error().message;
      return {};
    }
    std::sort(answer->addresses.begin(), answer->addresses.end());
    return answer->addresses;
  }

  std::string failure_of(const std::string& name) const {
    const base::Result<Answer> answer = look_up(name);
    return answer ? "none" : answer.error().message;
  }

  TemporaryFolder folder_;
  std::string resolv_conf_ = folder_.write("resolv.conf", resolv_conf());
};

// Lines of /etc/hosts that give `name` `count` addresses; and the addresses, sorted.
struct ManyAddresses {
  ManyAddresses(const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string text = "10.7." + std::to_string(i / 250) + "." + std::to_string(i % 250);
      hosts += text + " " + name + "\n";
      addresses.push_back(address(text));
    }
  }

  std::string hosts;
  std::vector<inet::Address> addresses;
};

TEST_F(LookupTest, FindsBothFamilies) {
  const Dnsmasq server(
      "192.0.2.1 four.test both.test\n192.0.2.2 both.test\n"
      "2001:db8::1 six.test both.test\n");
  EXPECT_THAT(addresses_of("four.test"), ElementsAreArray({address("192.0.2.1")}));
  EXPECT_THAT(addresses_of("six.test"), ElementsAreArray({address("2001:db8::1")}));
  EXPECT_THAT(
      addresses_of("both.test"),
      ElementsAreArray({address("192.0.2.1"), address("192.0.2.2"), address("2001:db8::1")}));
}

TEST_F(LookupTest, TellsTheTtl) {
  const Dnsmasq server("192.0.2.1 db.test\n");
  EXPECT_EQ(look_up("db.test")->ttl, 2s);
}

TEST_F(LookupTest, TellsTheTtlOfAnAliasIfItIsShorter) {
  const Dnsmasq server("", {"--host-record=db.test,192.0.2.1,600", "--cname=long.test,db.test,900",
                            "--cname=short.test,db.test,30"});
  EXPECT_EQ(look_up("db.test")->ttl, 600s);
  EXPECT_EQ(look_up("long.test")->ttl, 600s);
  EXPECT_EQ(look_up("short.test")->ttl, 30s);
}

TEST_F(LookupTest, FollowsTheSearchListUnlessTheNameEndsWithADot) {
  const Dnsmasq server("192.0.2.1 db.search.test\n");
  EXPECT_THAT(addresses_of("db"), ElementsAreArray({address("192.0.2.1")}));
  EXPECT_THAT(addresses_of("db.search.test."), ElementsAreArray({address("192.0.2.1")}));
  EXPECT_NE(failure_of("db."), "none");
}

TEST_F(LookupTest, KnowsTheHostsFileWithoutAServer) {
  const base::Result<Answer> answer = look_up("localhost");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_THAT(answer->addresses, Contains(address("127.0.0.1")));
  EXPECT_EQ(answer->ttl, 0s);
}

TEST_F(LookupTest, TakesMoreAddressesThanADatagramHolds) {
  const ManyAddresses forty("forty.test", 40);
  const ManyAddresses thousands("thousands.test", 2000);
  const Dnsmasq server(forty.hosts + thousands.hosts);
  EXPECT_THAT(addresses_of("forty.test"), ElementsAreArray(forty.addresses));
  EXPECT_THAT(addresses_of("thousands.test"), ElementsAreArray(thousands.addresses));
}

TEST_F(LookupTest, SaysWhyThereIsNoAnswer) {
  const Dnsmasq server("", {"--txt-record=empty.test,no address"});
  EXPECT_EQ(failure_of("nowhere.test"), "Domain name not found");
  EXPECT_EQ(failure_of("empty.test"), "DNS server returned answer with no data");
  EXPECT_EQ(failure_of("refused.example."), "Could not contact DNS servers, or none would answer");
  EXPECT_EQ(failure_of(std::string(64, 'a') + ".test"), "Misformatted domain name");
}

TEST_F(LookupTest, SaysThatNoServerIsThere) {
  EXPECT_EQ(failure_of("db.test"), "Could not contact DNS servers, or none would answer");
}

TEST_F(LookupTest, SaysThatNoServerAnswersInTime) {
  const SilentServer server;
  EXPECT_EQ(failure_of("db.test"), "Timeout while contacting DNS servers");
}

TEST_F(LookupTest, GoesOnToTheNextServer) {
  const SilentServer silent;
  const Dnsmasq server("192.0.2.1 db.test\n", {}, own_address(1));
  folder_.write("resolv.conf", resolv_conf() + "nameserver " + own_address(1) + "\n");
  EXPECT_THAT(addresses_of("db.test"), ElementsAreArray({address("192.0.2.1")}));
}

// It is why HostRecord keeps a family that is missing.
TEST_F(LookupTest, AnAnswerForOneFamilyIsAnAnswer) {
  const SilentServer silent(kServerPort + 1);
  const Dnsmasq server("192.0.2.1 db.half.test\n", {"--server=/half.test/" + own_address() + "#" +
                                                    std::to_string(kServerPort + 1)});
  EXPECT_THAT(addresses_of("db.half.test"), ElementsAreArray({address("192.0.2.1")}));
}

TEST_F(LookupTest, CanBeGivenUp) {
  SilentServer server;
  const Lookup lookup("db.test", options());
  server.wait_for_questions(2);
  EXPECT_FALSE(lookup.outcome());
}

}  // namespace
}  // namespace timewait::resolve
