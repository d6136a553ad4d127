// The kernel's rules for handing out local ports, as far as a dump shows their inputs.
#pragma once

#include "inet/port_set.h"
#include "reading/socket_record.h"
#include "reading/tcp_settings.h"

namespace timewait::analysis {

// connect() would take over this TIME_WAIT socket's port right now (`tcp_twsk_unique`):
// tcp_tw_reuse allows it, the socket is older than tcp_tw_reuse_delay, and timestamps are on.
// Assumes that the connection negotiated timestamps, which no dump tells.
bool is_reusable(const reading::SocketRecord& socket, const reading::TcpSettings& settings);

// The ports of the ephemeral range that connect() may ever choose (`__inet_hash_connect`): not
// reserved, and not `held` by a socket that called bind(), whatever that socket's address or
// family.
inet::PortSet usable_ports(const reading::TcpSettings& settings, const inet::PortSet& held);

}  // namespace timewait::analysis
