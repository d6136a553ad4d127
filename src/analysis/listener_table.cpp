#include "analysis/listener_table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace timewait::analysis {
namespace {

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
  ports_.clear();
  bindings_.clear();
  discovered_.clear();
}

void ListenerTable::add_listener(const reading::SocketRecord& socket) {
  const auto [binding, is_first] =
      bindings_.try_emplace(socket.local, Binding{0, socket.ipv6_only});
  if (is_first) {
    binding.value().tally = tally_for(socket.local);
    ports_.insert(socket.local.port);
  } else if (!socket.ipv6_only) {
    binding.value().ipv6_only = false;
  }
  ListenerTally& tally = tallies_[binding->second.tally];
  if (is_first) tally.ports.push_back(socket.local.port);
  ++tally.listening_sockets;
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

std::size_t ListenerTable::tally_for(const inet::Endpoint& local) {
  if (const std::optional<std::size_t> rule = inet::first_match(rules_, local)) return *rule;
  const bool is_wildcard = local.address.is_unspecified();
  const inet::Endpoint key{is_wildcard ? inet::kAnyIpv6 : local.address, local.port};
  const auto [position, is_first] = discovered_.try_emplace(key, tallies_.size());
  if (is_first) {
    tallies_.push_back({is_wildcard ? "*:" + std::to_string(local.port) : local.to_string()});
  }
  return position->second;
}

ListenerTally* ListenerTable::find_at_port(const inet::Endpoint& local) {
  const Binding* const binding = find_binding(local);
  return binding == nullptr ? nullptr : &tallies_[binding->tally];
}

const ListenerTable::Binding* ListenerTable::find_binding(const inet::Endpoint& local) const {
  const auto find = [&](const inet::Address& address) -> const Binding* {
    const auto found = bindings_.find(inet::Endpoint{address, local.port});
    return found == bindings_.end() ? nullptr : &found->second;
  };
  if (const Binding* exact = find(local.address)) return exact;
  if (!local.address.is_ipv4()) return find(inet::kAnyIpv6);
  if (const Binding* ipv4 = find(inet::kAnyIpv4)) return ipv4;
  const Binding* const dual_stack = find(inet::kAnyIpv6);
  return dual_stack != nullptr && !dual_stack->ipv6_only ? dual_stack : nullptr;
}

}  // namespace timewait::analysis
