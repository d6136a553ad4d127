// ip_local_reserved_ports as it should be in a network namespace: one list for all that is advised
// there, since each line that sets it replaces the one before. Thread-safe.
#pragma once

#include <string>

#include "analysis/snapshot.h"
#include "diagnosis/place.h"
#include "inet/port_range.h"
#include "inet/port_set.h"

namespace timewait::diagnosis {

// What a range is widened to: most of what there is above the ports of most servers; first and last
// of different parity, as the kernel prefers.
inline constexpr inet::PortRange kWideRange{15'000, 64'999};

class Reservation {
 public:
  // What is reserved, and what listens in the range of now or in the wide one. Where most of the
  // range is reserved, only what listens.
  explicit Reservation(const analysis::Snapshot& snapshot);

  // The kernel cuts off a longer list in silence (`proc_do_large_bitmap`).
  bool is_possible() const;
  // It is another list than that of now.
  bool is_change() const { return is_change_; }

  const inet::PortSet& ports() const { return ports_; }
  std::string line(const Place& place) const;

 private:
  inet::PortSet ports_;
  std::string list_;
  bool is_change_;
};

}  // namespace timewait::diagnosis
