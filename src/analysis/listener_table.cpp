#include "analysis/listener_table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace timewait::analysis {
namespace {

// Comparing so many addresses costs no more than hashing one.
constexpr std::uint32_t kFewAddresses = 8;

bool contains(const std::vector<inet::Endpoint>& endpoints, const inet::Endpoint& endpoint) {
  return std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end();
}

}  // namespace

ListenerTable::ListenerTable(std::vector<inet::NamedRule> rules, std::vector<inet::Endpoint> own)
    : rules_(std::move(rules)), own_(std::move(own)) {
  clear();
}

void ListenerTable::clear() {
  tallies_.clear();
  for (const inet::NamedRule& rule : rules_) tallies_.push_back({rule.name});
  bound_.clear();
  ports_.clear();
  exact_.clear();
  exact_by_endpoint_.clear();
  discovered_.clear();
}

void ListenerTable::add_listener(const reading::SocketRecord& socket) {
  count(tallies_[bind(socket.local, socket.ipv6_only)], socket);
}

void ListenerTable::add_former(const inet::Endpoint& local, bool ipv6_only) {
  if (find(local) == nullptr) bind(local, ipv6_only);
}

// Gives the position of the tally.
std::uint32_t ListenerTable::bind(const inet::Endpoint& local, bool ipv6_only) {
  bound_.insert(local.port);
  Port& port = ports_[local.port];
  if (!local.address.is_unspecified()) return bind_exact(port, local);
  std::uint32_t& wildcard = local.address.is_ipv4() ? port.any_ipv4 : port.any_ipv6;
  if (wildcard == kNone) wildcard = tally_for(local);
  if (!local.address.is_ipv4() && !ipv6_only) port.dual_stack = wildcard;
  return wildcard;
}

std::uint32_t ListenerTable::bind_exact(Port& port, const inet::Endpoint& local) {
  const auto position = static_cast<std::uint32_t>(exact_.size());
  const auto [known, is_first] = exact_by_endpoint_.try_emplace(local, position);
  if (!is_first) return exact_[known->second].tally;
  exact_.push_back({local.address, tally_for(local), port.first_exact});
  port.first_exact = position;
  ++port.exact_count;
  return exact_.back().tally;
}

void ListenerTable::count(ListenerTally& tally, const reading::SocketRecord& socket) {
  ++tally.listening_sockets;
  tally.ports.push_back(socket.local.port);
  const bool is_own = contains(own_, socket.local);
  (is_own ? tally.has_own : tally.has_others) = true;
  tally.accept_queue += socket.accept_queue;
  if (tally.accept_queue_limit && socket.accept_queue_limit) {
    *tally.accept_queue_limit += *socket.accept_queue_limit;
  } else {
    tally.accept_queue_limit.reset();
  }
  if (is_own || !socket.accept_queue_limit) return;
  const AcceptQueue queue{socket.accept_queue, *socket.accept_queue_limit};
  if (tally.fullest_queue && tally.fullest_queue->share() >= queue.share()) return;
  tally.fullest_queue = queue;
}

std::uint32_t ListenerTable::tally_for(const inet::Endpoint& local) {
  if (const std::optional<std::size_t> rule = inet::first_match(rules_, local)) {
    return static_cast<std::uint32_t>(*rule);
  }
  const bool is_wildcard = local.address.is_unspecified();
  const inet::Endpoint key{is_wildcard ? inet::kAnyIpv6 : local.address, local.port};
  const auto [position, is_first] =
      discovered_.try_emplace(key, static_cast<std::uint32_t>(tallies_.size()));
  if (is_first) {
    tallies_.push_back({is_wildcard ? "*:" + std::to_string(local.port) : local.to_string()});
  }
  return position->second;
}

ListenerTally* ListenerTable::find_at_port(const inet::Endpoint& local) {
  const auto found = ports_.find(local.port);
  if (found == ports_.end()) return nullptr;
  const Port& port = found->second;
  std::uint32_t tally = find_exact(port, local);
  if (tally == kNone && local.address.is_ipv4()) {
    tally = port.any_ipv4 != kNone ? port.any_ipv4 : port.dual_stack;
  } else if (tally == kNone) {
    tally = port.any_ipv6;
  }
  return tally == kNone ? nullptr : &tallies_[tally];
}

std::uint32_t ListenerTable::find_exact(const Port& port, const inet::Endpoint& local) const {
  if (port.exact_count > kFewAddresses) {
    const auto found = exact_by_endpoint_.find(local);
    return found == exact_by_endpoint_.end() ? kNone : exact_[found->second].tally;
  }
  for (std::uint32_t i = port.first_exact; i != kNone; i = exact_[i].next) {
    if (exact_[i].address == local.address) return exact_[i].tally;
  }
  return kNone;
}

}  // namespace timewait::analysis
