// The floor under everything that asks the kernel for TCP sockets through netlink: asks, receives
// and throws away.
//
// Reads commands from stdin, one a line, and answers each with a line "NANOSECONDS BYTES": the CPU
// time it took, and how much was received.
//   one STATES   all sockets in one walk of the kernel's tables
//   two STATES   a walk for IPv4 and one for IPv6
// STATES is idiag_states in hexadecimal, a bit for each TCP state that is asked for.
// A walk that fails ends the program with a message: it is no measurement.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/unique_fd.h"
#include "own_namespace.h"
#include "polling/cpu_time.h"
#include "sock_diag_request.h"

namespace timewait::bench {
namespace {

constexpr std::size_t kBufferBytes = 32 * 1024;  // the kernel fills no more (`netlink_recvmsg`)

base::UniqueFd open_sock_diag() {
  base::UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  require(socket.valid(), "netlink socket");
  // A kernel that ends a dump in another way than this expects is a failure, not a wait for ever.
  const timeval timeout{5, 0};
  require(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0,
          "SO_RCVTIMEO");
  return socket;
}

class BareWalk {
 public:
  BareWalk() : socket_(open_sock_diag()), buffer_(kBufferBytes) {}

  // Both return the bytes received.
  std::uint64_t one(std::uint32_t states) { return run(one_walk_request(states)); }

  std::uint64_t two(std::uint32_t states) {
    return run(family_request(AF_INET, states)) + run(family_request(AF_INET6, states));
  }

 private:
  template <typename Request>
  std::uint64_t run(const Request& request) {
    require(::send(socket_.get(), &request, sizeof(request), 0) == sizeof(request), "send");
    std::uint64_t bytes = 0;
    for (;;) {
      const ssize_t received = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
      require(received >= static_cast<ssize_t>(sizeof(nlmsghdr)), "recv");
      bytes += received;
      if (ends_the_dump()) return bytes;
    }
  }

  // The end of a dump of sockets, good or bad, comes in a datagram of its own (`netlink_dump`), so
  // the first message of each tells. What follows the header of either is an int, 0 or -errno.
  bool ends_the_dump() const {
    nlmsghdr header;
    std::memcpy(&header, buffer_.data(), sizeof(header));
    if (header.nlmsg_type != NLMSG_DONE && header.nlmsg_type != NLMSG_ERROR) return false;
    int status;
    std::memcpy(&status, buffer_.data() + sizeof(header), sizeof(status));
    errno = -status;
    require(header.nlmsg_type == NLMSG_DONE && status >= 0, "dump");
    return true;
  }

  base::UniqueFd socket_;
  std::vector<char> buffer_;
};

int answer_commands() {
  BareWalk walk;
  std::string walks;
  for (std::uint32_t states; std::cin >> walks >> std::hex >> states;) {
    if (walks != "one" && walks != "two") {
      std::cerr << "there is no command '" << walks << "'\n";
      return EXIT_FAILURE;
    }
    const std::chrono::nanoseconds before = polling::thread_cpu_time();
    const std::uint64_t bytes = walks == "one" ? walk.one(states) : walk.two(states);
    const std::chrono::nanoseconds taken = polling::thread_cpu_time() - before;
    std::cout << taken.count() << " " << bytes << std::endl;
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace timewait::bench

int main() { return timewait::bench::answer_commands(); }
