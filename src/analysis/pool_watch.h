// The pools that are followed from poll to poll, for their forecast: the tightest pool of every
// peer shown, and the tightest of all. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/open_sockets.h"
#include "analysis/peer_ranking.h"
#include "analysis/pool_table.h"
#include "analysis/port_rules.h"
#include "analysis/snapshot.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

class PoolWatch {
 public:
  // As many of the tightest pools are watched, whoever's they are.
  static constexpr std::size_t kTightest = 256;

  // What one poll knows besides its pools.
  struct Surroundings {
    OpenSockets::Clock::time_point now;
    const reading::TcpSettings& settings;
    PortCapacity capacity;
    std::uint64_t time_wait_sockets = 0;  // in the whole namespace
  };

  // Whether the last good poll watched it.
  bool is_watched(const PoolKey& pool) const { return open_sockets_.knows(pool); }

  // The watched pools after this poll, tightest first; without the names of their peers. What a
  // pool has gained is known from its second poll on. `tightest`: the numbers of kTightest pools,
  // or of all there are.
  std::vector<Pool> watch(const PoolTable& table, std::span<const std::uint32_t> tightest,
                          const RankedPeers& peers, const Surroundings& surroundings);

 private:
  Pool watch_one(const PoolTally& tally, const TimeWaitAges& ages,
                 const Surroundings& surroundings);

  OpenSockets open_sockets_;
};

}  // namespace timewait::analysis
