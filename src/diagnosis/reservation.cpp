#include "diagnosis/reservation.h"

#include <cstddef>

#include "diagnosis/commands.h"
#include "diagnosis/lookup.h"

namespace timewait::diagnosis {
namespace {

// A page less its end.
constexpr std::size_t kLongestList = 4'000;

inet::PortSet to_reserve(const analysis::Snapshot& snapshot) {
  inet::PortSet ports;
  ports.insert(snapshot.settings.ephemeral_ports);
  ports.insert(kWideRange);
  ports.keep_only(listening_ports(snapshot));
  if (!is_mostly_reserved(snapshot)) ports.insert_all(snapshot.settings.reserved_ports);
  return ports;
}

}  // namespace

Reservation::Reservation(const analysis::Snapshot& snapshot)
    : ports_(to_reserve(snapshot)),
      list_(list_of(ports_)),
      is_change_(list_ != list_of(snapshot.settings.reserved_ports)) {}

bool Reservation::is_possible() const { return list_.size() <= kLongestList; }

std::string Reservation::line(const Place& place) const {
  return place.sysctl("net.ipv4.ip_local_reserved_ports", list_);
}

}  // namespace timewait::diagnosis
