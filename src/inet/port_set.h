// A set of TCP ports, as one bit per port (8 KiB). No allocation.
#pragma once

#include <bitset>
#include <cstdint>

#include "inet/port_range.h"

namespace timewait::inet {

class PortSet {
 public:
  void insert(std::uint16_t port) { bits_.set(port); }
  void insert(PortRange range) {
    for (std::uint32_t port = range.first; port <= range.last; ++port) bits_.set(port);
  }
  void insert_all(const PortSet& ports) { bits_ |= ports.bits_; }
  void erase(std::uint16_t port) { bits_.reset(port); }
  void erase_all(const PortSet& ports) { bits_ &= ~ports.bits_; }
  void keep_only(const PortSet& ports) { bits_ &= ports.bits_; }
  void clear() { bits_.reset(); }
  bool contains(std::uint16_t port) const { return bits_[port]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(bits_.count()); }

  // The ports in this set that are in `range`, as a number.
  std::uint32_t count_in(PortRange range) const {
    std::uint32_t count = 0;
    for (std::uint32_t port = range.first; port <= range.last; ++port) count += bits_[port];
    return count;
  }

 private:
  std::bitset<65536> bits_;
};

}  // namespace timewait::inet
