#include "kernel/bind_probe.h"

#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "inet/socket_address.h"

namespace timewait::kernel {
namespace {

constexpr int kIpLocalPortRange = 51;  // IP_LOCAL_PORT_RANGE, newer than Debian 12's headers
constexpr auto kProbeAddress = inet::Address::from_ipv4(0x7f7457a1);  // 127.116.87.161: unused

template <typename Value>
bool set_option(int socket, int level, int option, const Value& value) {
  return ::setsockopt(socket, level, option, &value, sizeof(value)) == 0;
}

ProbeFailure failure(const char* what, int errno_value) {
  return {false, base::system_error(what, errno_value)};
}

}  // namespace

base::Result<bool, ProbeFailure> is_held_by_bind(std::uint16_t port) {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return failure("cannot open a socket to ask for a port", errno);

  const std::uint32_t only_this_port = std::uint32_t{port} << 16 | port;
  if (!set_option(socket.get(), IPPROTO_IP, kIpLocalPortRange, only_this_port)) {
    const int error = errno;
    return ProbeFailure{error == ENOPROTOOPT,
                        base::system_error("cannot restrict a socket to a port", error)};
  }
  const linger reset_on_close{1, 0};
  const int on = 1;
  inet::SocketAddress any_port = inet::to_socket_address({kProbeAddress, 0});
  if (!set_option(socket.get(), SOL_SOCKET, SO_LINGER, reset_on_close) ||
      !set_option(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, on) ||
      ::bind(socket.get(), any_port.pointer(), any_port.size) != 0) {
    return failure("cannot prepare a socket to ask for a port", errno);
  }

  inet::SocketAddress itself = inet::to_socket_address({kProbeAddress, port});
  if (::connect(socket.get(), itself.pointer(), itself.size) == 0) return false;
  const int error = errno;
  if (error == EINPROGRESS) return false;  // it has the port; the rest does not matter
  if (error == EADDRNOTAVAIL) return true;
  return failure("cannot connect over the loopback interface to ask for a port", error);
}

}  // namespace timewait::kernel
