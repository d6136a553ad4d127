// A set of TCP ports, as one bit per port (8 KiB). No allocation.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "inet/port_range.h"

namespace timewait::inet {

class PortSet {
 public:
  void insert(std::uint16_t port) { bits_.set(port); }
  void insert(PortRange range) { bits_ |= bits_of(range); }
  void insert_all(const PortSet& ports) { bits_ |= ports.bits_; }
  void erase(std::uint16_t port) { bits_.reset(port); }
  void erase_all(const PortSet& ports) { bits_ &= ~ports.bits_; }
  void keep_only(const PortSet& ports) { bits_ &= ports.bits_; }
  // Keeps every second port: those as odd or even as the given one.
  void keep_parity_of(std::uint16_t port) {
    bits_ &= (port & 1) == 0 ? even_ports() : ~even_ports();
  }
  void clear() { bits_.reset(); }
  bool contains(std::uint16_t port) const { return bits_[port]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(bits_.count()); }

  // The ports in this set that are in `range`, as a number.
  std::uint32_t count_in(PortRange range) const {
    return static_cast<std::uint32_t>((bits_ & bits_of(range)).count());
  }

 private:
  using Bits = std::bitset<65536>;

  static Bits bits_of(PortRange range) {
    constexpr int kLastPort = 65535;
    return ~Bits() >> (kLastPort - (range.last - range.first)) << range.first;
  }

  static const Bits& even_ports() {
    static const Bits kEven = [] {
      Bits made;
      for (std::size_t port = 0; port < made.size(); port += 2) made.set(port);
      return made;
    }();
    return kEven;
  }

  Bits bits_;
};

}  // namespace timewait::inet
