#include "own_namespace.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::bench {

void require(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::exit(1);
}

void enter_fresh_namespace() {
  require(::unshare(::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) == 0,
          "unshare");
  const base::UniqueFd probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq loopback{};
  std::snprintf(loopback.ifr_name, sizeof(loopback.ifr_name), "lo");
  loopback.ifr_flags = IFF_UP;
  require(::ioctl(probe.get(), SIOCSIFFLAGS, &loopback) == 0, "lo up");
}

void keep_every_time_wait() {
  std::ofstream("/proc/sys/net/ipv4/tcp_max_tw_buckets") << "4000000\n";
  std::ofstream("/proc/sys/net/ipv4/tcp_tw_reuse") << "0\n";
}

}  // namespace timewait::bench
