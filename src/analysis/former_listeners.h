// Where connections were accepted that are still there although nobody listens any more, as while a
// server restarts: those stay inbound, where every client's port would else be taken for a peer.
//
// Only for ports that connect() does not hand out, since on any other what has come since then may
// be outbound. Not thread-safe.
#pragma once

#include <compare>
#include <vector>

#include "analysis/listener_table.h"
#include "inet/port_set.h"
#include "reading/socket_record.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

class FormerListeners {
 public:
  // Opens a poll. One that was opened before and not ended leaves no trace.
  void begin() { now_.clear(); }

  // A socket in kListen.
  void add_listener(const reading::SocketRecord& socket) {
    now_.push_back({socket.local, socket.ipv6_only});
  }

  // After the last listener: tells the table of those that have gone since.
  void add_to(ListenerTable& listeners) const;

  // Ends the poll. `inbound_ports`: the local ports of its inbound connections. Who has gone and
  // has none left is forgotten.
  void end(const reading::TcpSettings& settings, const inet::PortSet& inbound_ports);

 private:
  struct Place {
    inet::Endpoint local;
    bool ipv6_only;
    auto operator<=>(const Place&) const = default;
  };

  std::vector<Place> now_;
  std::vector<Place> known_;  // ascending; since the last poll that ended
};

}  // namespace timewait::analysis
