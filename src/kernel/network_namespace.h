// Network namespaces: which one a thread is in, and entering others.
//
// What the other files of this folder read follows the thread that calls them, so a thread that
// polls several namespaces enters one after the other. What stays behind: an open socket belongs to
// the namespace that it was opened in, so there is one SocketDump to each.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace timewait::kernel {

// Tells namespaces apart while they exist: a number is given anew once nothing holds its namespace
// any more (`ns_free_inum`). An open NetworkNamespace holds it, and so does a socket in it.
struct NamespaceIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  // as in "net:[4026531840]", which is what a link in /proc/PID/ns says

  auto operator<=>(const NamespaceIdentity&) const = default;
};

struct NamespaceFailure {
  enum class Reason {
    kNotThere,      // no such file; or one in /run/netns whose namespace is gone
    kNotPermitted,  // the error names the capability that is missing
    kOther,
  };
  Reason reason;
  base::Error error;
};

// Of the calling thread, as it is now. Needs no capability.
base::Result<NamespaceIdentity, NamespaceFailure> thread_namespace();

// One network namespace, which exists at least as long as this. Thread-safe but for moves.
class NetworkNamespace {
 public:
  // The main thread's, from whichever thread: the process's own as long as its main thread does not
  // enter another.
  static base::Result<NetworkNamespace, NamespaceFailure> open_own();

  // `path` is a file such as /run/netns/app or /proc/PID/ns/net. The latter takes CAP_SYS_PTRACE if
  // the process is another user's (`proc_ns_get_link`). Never blocks, whatever the path names.
  static base::Result<NetworkNamespace, NamespaceFailure> open(const std::string& path);

  const NamespaceIdentity& identity() const { return identity_; }

  // Moves the calling thread, and no other, into this namespace. Does nothing, and needs nothing,
  // if it is there already; otherwise CAP_SYS_ADMIN, both in the user namespace that owns this one
  // and in the thread's own (`netns_install`). After a failure the thread is where it was.
  base::Status<NamespaceFailure> enter() const;

 private:
  NetworkNamespace(base::UniqueFd fd, std::string path, NamespaceIdentity identity)
      : fd_(std::move(fd)), path_(std::move(path)), identity_(identity) {}

  base::UniqueFd fd_;
  std::string path_;  // for messages
  NamespaceIdentity identity_;
};

}  // namespace timewait::kernel
