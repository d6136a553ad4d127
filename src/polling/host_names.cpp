#include "polling/host_names.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace timewait::polling {
namespace {

using Addresses = HostNames::Addresses;

std::vector<std::string> names_in(const std::vector<inet::NamedRule>& rules) {
  std::set<std::string> names;
  for (const inet::NamedRule& rule : rules) {
    for (const inet::EndpointMatcher& matcher : rule.match) {
      if (!matcher.host.empty()) names.insert(matcher.host);
    }
  }
  return {names.begin(), names.end()};
}

Addresses in_first_only(const Addresses& first, const Addresses& second) {
  Addresses difference;
  std::set_difference(first.begin(), first.end(), second.begin(), second.end(),
                      std::back_inserter(difference));
  return difference;
}

Addresses in_either(const Addresses& first, const Addresses& second) {
  Addresses sum;
  std::set_union(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(sum));
  return sum;
}

std::string list(const Addresses& addresses) {
  std::string text;
  for (const inet::Address& address : addresses) {
    text += (text.empty() ? "" : " ") + address.to_string();
  }
  return text;
}

// A resolver that was started anew has failed; the answer of the one before stays.
resolve::HostState with_failure(resolve::HostState known, const resolve::HostState& now) {
  known.failure = now.failure;
  return known;
}

}  // namespace

void HostNames::set_rules(const std::vector<inet::NamedRule>& rules) {
  std::vector<std::string> names = names_in(rules);
  if (names == names_) return;
  names_ = std::move(names);
  resolver_.reset();
  const auto is_gone = [this](const auto& entry) {
    return !std::binary_search(names_.begin(), names_.end(), entry.first);
  };
  std::erase_if(answers_, is_gone);
  std::erase_if(addresses_, is_gone);
  if (names_.empty()) return;
  base::Result<std::unique_ptr<resolve::HostResolver>> started =
      resolve::HostResolver::start(names_);
  if (started) {
    resolver_ = std::move(*started);
  } else {
    log_.error("host names of the configuration are not resolved",
               {{"error", started.error().message}});
  }
}

void HostNames::wait_for_first_answers(std::chrono::milliseconds limit) const {
  if (resolver_) resolver_->wait_for_first_attempts(limit);
}

bool HostNames::update(const StillUsed& still_used) {
  if (!resolver_) return false;
  const std::shared_ptr<const resolve::HostAddresses> answers = resolver_->latest();
  bool changed = false;
  for (const auto& [name, state] : *answers) {
    resolve::HostState& known = answers_[name];
    if (!state.attempted()) continue;  // what was known before a reload stays until then
    log_change(name, known, state);
    known = state.answered_at ? state : with_failure(known, state);
    if (!state.answered_at) continue;
    Addresses& addresses = addresses_[name];
    const Addresses gone = in_first_only(addresses, state.addresses);
    Addresses now = in_either(state.addresses, gone.empty() ? gone : still_used(gone));
    changed = changed || now != addresses;
    addresses = std::move(now);
  }
  return changed;
}

void HostNames::fill_in(std::vector<inet::NamedRule>& rules) const {
  for (inet::NamedRule& rule : rules) {
    for (inet::EndpointMatcher& matcher : rule.match) {
      const auto known = addresses_.find(matcher.host);
      if (known != addresses_.end()) matcher.host_addresses = known->second;
    }
  }
}

std::vector<analysis::HostHealth> HostNames::health() const {
  std::vector<analysis::HostHealth> health;
  for (const auto& [name, state] : answers_) {
    health.push_back({name, state.resolved(), state.addresses.size()});
  }
  return health;
}

void HostNames::log_change(const std::string& name, const resolve::HostState& before,
                           const resolve::HostState& now) const {
  if (now.failure && now.failure != before.failure) {
    log_.warn("host name not resolved; the addresses of the last answer stay",
              {{"host", name}, {"error", *now.failure}});
  } else if (!now.failure && before.failure) {
    log_.info("host name resolved again", {{"host", name}});
  }
  // Some names answer with a few of many addresses, and each time with others.
  if (in_first_only(before.addresses, now.addresses) == before.addresses &&
      now.addresses != before.addresses) {
    log_.info("host name resolved", {{"host", name}, {"addresses", list(now.addresses)}});
  }
}

}  // namespace timewait::polling
