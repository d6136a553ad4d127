#include "resolve/host_record.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace timewait::resolve {
namespace {

using std::chrono::seconds;

constexpr seconds kMinRefresh{1};
constexpr seconds kMaxRefresh{300};
constexpr seconds kRefreshWithoutTtl{5};
constexpr seconds kMinRetry{1};
constexpr seconds kMaxRetry{30};

seconds refresh_after(seconds ttl) {
  if (ttl == seconds(0)) return kRefreshWithoutTtl;
  return std::clamp(ttl, kMinRefresh, kMaxRefresh);
}

seconds retry_after(int failures_before) {
  seconds retry = kMinRetry;
  for (int i = 0; i < failures_before && retry < kMaxRetry; ++i) retry *= 2;
  return std::min(retry, kMaxRetry);
}

// What `answer` says, and of a family that it leaves out what the answer before it said: when one
// of the two queries, for IPv4 and for IPv6, is lost, c-ares makes an answer of the other.
std::vector<inet::Address> merge(const std::vector<inet::Address>& answer,
                                 const std::vector<inet::Address>& before) {
  std::vector<inet::Address> merged = answer;
  for (const bool ipv4 : {true, false}) {
    const auto of_family = [&](const inet::Address& address) { return address.is_ipv4() == ipv4; };
    if (std::any_of(answer.begin(), answer.end(), of_family)) continue;
    std::copy_if(before.begin(), before.end(), std::back_inserter(merged), of_family);
  }
  std::sort(merged.begin(), merged.end());
  merged.erase(std::unique(merged.begin(), merged.end()), merged.end());
  if (merged.size() > kMaxAddresses) merged.resize(kMaxAddresses);
  return merged;
}

}  // namespace

void HostRecord::answered(Answer answer, Clock::time_point now,
                          std::chrono::system_clock::time_point wall) {
  state_ = {merge(answer.addresses, last_answer_), wall, std::nullopt};
  last_answer_ = std::move(answer.addresses);
  due_ = now + refresh_after(answer.ttl);
  failures_ = 0;
}

void HostRecord::failed(std::string why, Clock::time_point now) {
  state_.failure = std::move(why);
  due_ = now + retry_after(failures_);
  ++failures_;
}

}  // namespace timewait::resolve
