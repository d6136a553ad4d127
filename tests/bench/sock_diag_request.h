// Requests for a dump of TCP sockets, as they go to the kernel (sock_diag(7)). `states`:
// idiag_states, a bit for each TCP state that is asked for.
#pragma once

#include <cstdint>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace timewait::bench {

template <typename Body>
struct SockDiagRequest {
  nlmsghdr header{};
  Body body{};

  explicit SockDiagRequest(std::uint16_t type) {
    header.nlmsg_len = sizeof(*this);
    header.nlmsg_type = type;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  }
};

// Sockets of both families, in one walk.
inline SockDiagRequest<inet_diag_req> one_walk_request(std::uint32_t states) {
  SockDiagRequest<inet_diag_req> request(TCPDIAG_GETSOCK);
  request.body.idiag_family = AF_UNSPEC;
  request.body.idiag_states = states;
  return request;
}

inline SockDiagRequest<inet_diag_req_v2> family_request(std::uint8_t family, std::uint32_t states) {
  SockDiagRequest<inet_diag_req_v2> request(SOCK_DIAG_BY_FAMILY);
  request.body.sdiag_family = family;
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = states;
  return request;
}

}  // namespace timewait::bench
