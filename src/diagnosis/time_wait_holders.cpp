#include "diagnosis/time_wait_holders.h"

#include "inet/tcp_state.h"

namespace timewait::diagnosis {
namespace {

void count(const std::string& name, const analysis::SocketGroup& group, std::uint32_t& all,
           TimeWaitHolder& most) {
  const std::uint32_t sockets = group.sockets[inet::TcpState::kTimeWait];
  all += sockets;
  if (sockets > most.sockets) most = {name, sockets};
}

}  // namespace

TimeWaitHolders time_wait_holders(const analysis::Snapshot& snapshot) {
  TimeWaitHolders holders;
  for (const auto* peers : {&snapshot.configured_peers, &snapshot.discovered_peers}) {
    for (const analysis::Peer& peer : *peers) {
      count(peer.name, peer.group, holders.outbound, holders.peer);
    }
  }
  if (snapshot.other) {
    count(std::string(analysis::kOtherPeers), *snapshot.other, holders.outbound, holders.peer);
  }
  for (const analysis::Listener& listener : snapshot.listeners) {
    count(listener.name, listener.group, holders.inbound, holders.listener);
  }
  return holders;
}

}  // namespace timewait::diagnosis
