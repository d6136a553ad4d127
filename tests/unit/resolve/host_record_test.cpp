#include "resolve/host_record.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::resolve {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using namespace std::chrono_literals;

const HostRecord::Clock::time_point kNow{1000s};
const std::chrono::system_clock::time_point kWall{2000s};

std::vector<inet::Address> addresses(const std::vector<std::string>& texts) {
  std::vector<inet::Address> result;
  result.reserve(texts.size());
  for (const std::string& text : texts) result.push_back(inet::Address::parse(text).value());
  return result;
}

void answer(HostRecord& record, const std::vector<std::string>& texts,
            std::chrono::seconds ttl = 60s) {
  record.answered({addresses(texts), ttl}, kNow, kWall);
}

HostRecord::Clock::duration refresh_after(std::chrono::seconds ttl) {
  HostRecord record;
  answer(record, {"10.0.0.1"}, ttl);
  return record.due() - kNow;
}

auto are(const std::vector<std::string>& texts) { return ElementsAreArray(addresses(texts)); }

TEST(HostRecord, BeginsWithNothingAndIsDueAtOnce) {
  const HostRecord record;
  EXPECT_FALSE(record.state().attempted());
  EXPECT_FALSE(record.state().resolved());
  EXPECT_THAT(record.state().addresses, IsEmpty());
  EXPECT_LE(record.due(), kNow);
}

TEST(HostRecord, RefreshesWhenTheTtlIsOver) {
  EXPECT_EQ(refresh_after(1s), 1s);
  EXPECT_EQ(refresh_after(2s), 2s);
  EXPECT_EQ(refresh_after(300s), 300s);
  EXPECT_EQ(refresh_after(301s), 300s);
  EXPECT_EQ(refresh_after(2'147'483'647s), 300s);
  EXPECT_EQ(refresh_after(0s), 5s);
}

TEST(HostRecord, RetriesLessAndLessOften) {
  HostRecord record;
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
    record.failed("no", kNow);
    EXPECT_EQ(record.due() - kNow, expected);
  }
  answer(record, {"10.0.0.1"});
  record.failed("no", kNow);
  EXPECT_EQ(record.due() - kNow, 1s);
}

TEST(HostRecord, SortsAnAnswerAndHasEachAddressOnce) {
  HostRecord record;
  answer(record, {"2001:db8::1", "10.0.0.2", "10.0.0.1", "::ffff:10.0.0.2", "::1", "10.0.0.1"});
  EXPECT_THAT(record.state().addresses, are({"::1", "10.0.0.1", "10.0.0.2", "2001:db8::1"}));
  EXPECT_EQ(record.state().answered_at, kWall);
  EXPECT_TRUE(record.state().resolved());
}

TEST(HostRecord, AFailureKeepsTheLastAnswer) {
  HostRecord record;
  answer(record, {"10.0.0.1"});
  record.failed("Domain name not found", kNow);
  EXPECT_THAT(record.state().addresses, are({"10.0.0.1"}));
  EXPECT_EQ(record.state().answered_at, kWall);
  EXPECT_EQ(record.state().failure, "Domain name not found");
  EXPECT_TRUE(record.state().attempted());
  EXPECT_FALSE(record.state().resolved());
}

TEST(HostRecord, AnAnswerEndsAFailure) {
  HostRecord record;
  record.failed("no", kNow);
  EXPECT_TRUE(record.state().attempted());
  EXPECT_FALSE(record.state().answered_at);
  answer(record, {"10.0.0.1"});
  EXPECT_EQ(record.state().failure, std::nullopt);
  EXPECT_TRUE(record.state().resolved());
}

TEST(HostRecord, AnAnswerReplacesTheOneBefore) {
  HostRecord record;
  answer(record, {"10.0.0.1", "10.0.0.2", "::1"});
  answer(record, {"10.0.0.2", "10.0.0.3", "::2"});
  EXPECT_THAT(record.state().addresses, are({"::2", "10.0.0.2", "10.0.0.3"}));
}

TEST(HostRecord, AFamilyThatIsMissingOnceStays) {
  HostRecord record;
  answer(record, {"10.0.0.1", "::1"});
  answer(record, {"10.0.0.2"});
  EXPECT_THAT(record.state().addresses, are({"::1", "10.0.0.2"}));
  answer(record, {"10.0.0.2", "::1"});
  answer(record, {"::2"});
  EXPECT_THAT(record.state().addresses, are({"::2", "10.0.0.2"}));
}

TEST(HostRecord, AFamilyThatIsMissingTwiceIsGone) {
  HostRecord record;
  answer(record, {"10.0.0.1", "::1"});
  answer(record, {"10.0.0.1"});
  record.failed("between", kNow);
  answer(record, {"10.0.0.1"});
  EXPECT_THAT(record.state().addresses, are({"10.0.0.1"}));
}

TEST(HostRecord, KeepsTheSameAddressesOfTooMany) {
  std::vector<std::string> texts(2000);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i] = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250);
  }
  HostRecord record;
  answer(record, texts);
  const std::vector<inet::Address> first = record.state().addresses;
  EXPECT_EQ(first.size(), kMaxAddresses);
  std::reverse(texts.begin(), texts.end());
  answer(record, texts);
  EXPECT_EQ(record.state().addresses, first);
}

}  // namespace
}  // namespace timewait::resolve
