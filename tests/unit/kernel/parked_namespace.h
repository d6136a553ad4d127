// Threads of a test that are elsewhere, or may do less, and a second network namespace.
#pragma once

#include <functional>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "own_namespace.h"

namespace timewait::kernel {

// Runs in a thread of its own, and waits for it: what it does to its namespace stays there.
inline void in_thread(const std::function<void()>& work) { std::thread(work).join(); }

// Of the calling thread only.
inline void drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  ASSERT_EQ(::syscall(SYS_capset, &header, none), 0);
}

// Exists as long as this does, kept by a thread that waits in it; its loopback interface is up.
// Whoever is not root makes an OwnNamespace first, before there are threads.
class ParkedNamespace {
 public:
  ParkedNamespace()
      : thread_([this] {
          entered_.set_value(unshare_and_name());
          leave_.get_future().wait();
        }) {
    path_ = entered_.get_future().get();
  }
  ~ParkedNamespace() {
    leave_.set_value();
    thread_.join();
  }
  ParkedNamespace(const ParkedNamespace&) = delete;
  ParkedNamespace& operator=(const ParkedNamespace&) = delete;

  const std::string& path() const { return path_; }

 private:
  static std::string unshare_and_name() {
    EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
    bring_up_loopback();
    return "/proc/self/task/" + std::to_string(::gettid()) + "/ns/net";
  }

  std::promise<std::string> entered_;
  std::promise<void> leave_;
  std::string path_;
  std::thread thread_;
};

}  // namespace timewait::kernel
