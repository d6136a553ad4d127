#include "web/listening_socket.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include "inet/socket_address.h"

namespace timewait::web {
namespace {

constexpr int kBacklog = 512;

void set_option(int fd, int level, int option, int value) {
  // Both options in use are known to every kernel that has the socket's family.
  ::setsockopt(fd, level, option, &value, sizeof(value));
}

// The socket, or the errno of the call that failed.
base::Result<ListeningSocket, int> listen_on(const inet::Endpoint& endpoint) {
  inet::SocketAddress address = inet::to_socket_address(endpoint);
  const int family = address.family();
  base::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return errno;
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(fd.get(), address.pointer(), address.size) != 0) return errno;
  if (::listen(fd.get(), kBacklog) != 0) return errno;
  inet::SocketAddress bound;
  if (::getsockname(fd.get(), bound.pointer(), &bound.size) != 0) return errno;
  return ListeningSocket{std::move(fd), inet::to_endpoint(bound)};
}

// A socket that somebody else has opened: everything about it is to be looked at.
base::Result<ListeningSocket> adopt(int number) {
  base::UniqueFd fd(number);
  const auto unfit = [&](const std::string& why) {
    return base::Error{"systemd passed descriptor " + std::to_string(number) + ", which " + why};
  };
  inet::SocketAddress bound;
  if (sd_is_socket(number, AF_UNSPEC, SOCK_STREAM, 1) <= 0 ||
      ::getsockname(number, bound.pointer(), &bound.size) != 0) {
    return unfit("is no listening stream socket (its unit needs ListenStream= and Accept=no)");
  }
  const int family = bound.family();
  if (family != AF_INET && family != AF_INET6) return unfit("is no TCP socket");
  const int flags = ::fcntl(number, F_GETFL);
  if (flags < 0 || ::fcntl(number, F_SETFL, flags | O_NONBLOCK) < 0) {
    return unfit("cannot be made non-blocking");
  }
  return ListeningSocket{std::move(fd), inet::to_endpoint(bound)};
}

}  // namespace

base::Result<ListeningSocket> open_listening_socket(const ListenAddress& address) {
  auto socket = listen_on({address.address.value_or(inet::kAnyIpv6), address.port});
  if (!socket && !address.address && socket.error() == EAFNOSUPPORT) {
    socket = listen_on({inet::kAnyIpv4, address.port});
  }
  if (socket) return std::move(*socket);
  return base::system_error("cannot listen on " + address.to_string(), socket.error());
}

base::Result<std::vector<ListeningSocket>> open_listening_sockets(
    const std::vector<ListenAddress>& addresses) {
  std::vector<ListeningSocket> sockets;
  for (const ListenAddress& address : addresses) {
    base::Result<ListeningSocket> socket = open_listening_socket(address);
    if (!socket) return socket.error();
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

base::Result<std::vector<ListeningSocket>> take_systemd_sockets() {
  const int count = sd_listen_fds(/*unset_environment=*/1);
  if (count < 0) return base::system_error("cannot take the sockets of systemd", -count);
  if (count == 0) {
    return base::Error{"systemd passed no sockets: is the program started by a socket unit?"};
  }
  std::vector<ListeningSocket> sockets;
  for (int i = 0; i < count; ++i) {
    base::Result<ListeningSocket> socket = adopt(SD_LISTEN_FDS_START + i);
    if (!socket) return socket.error();
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

}  // namespace timewait::web
