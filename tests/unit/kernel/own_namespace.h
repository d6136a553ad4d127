// A network namespace for a test's sockets.
#pragma once

#include <cstring>

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::kernel {

// Of the calling thread's network namespace.
inline void bring_up_loopback() {
  const base::UniqueFd probe(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP;
  EXPECT_EQ(::ioctl(probe.get(), SIOCSIFFLAGS, &loopback), 0);
}

// Moves this process into a network namespace with nothing but a loopback interface.
class OwnNamespace {
 public:
  OwnNamespace() {
    const int flags = ::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    EXPECT_EQ(::unshare(flags), 0);
    bring_up_loopback();
  }
};

}  // namespace timewait::kernel
