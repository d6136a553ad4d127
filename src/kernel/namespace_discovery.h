// Finds the network namespaces of this host that nobody configured.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/network_namespace.h"

namespace timewait::kernel {

struct DiscoveredNamespace {
  std::string name;  // unique in a scan; 1 to 128 characters of printable ASCII
  // For NetworkNamespace::open(). A process may be gone by then, and its number be another's: what
  // was opened is the right one if its identity is this.
  std::string path;
  NamespaceIdentity identity;
};

struct NamespaceSearch {
  std::string proc_root = "/proc";        // another in tests, as the next
  std::string names_root = "/run/netns";  // where `ip netns` keeps names; need not be there

  std::vector<NamespaceIdentity> excluded;  // the process's own, and the configured ones
  std::vector<std::string> taken_names;     // those of the configured ones
  // What the last scan found and the caller kept open, so that its identities are still those of
  // the same namespaces. They keep their names, and come first.
  std::vector<DiscoveredNamespace> known;
  std::size_t max = 0;  // how many to find
};

struct NamespaceScan {
  std::vector<DiscoveredNamespace> found;  // the known ones in their order, then by inode
  std::size_t left_out = 0;                // how many more there were than `max`
  // Processes whose namespace may not be asked for: CAP_SYS_PTRACE is missing, or does not reach
  // them (an outer user namespace, a security module).
  std::size_t unreadable_processes = 0;
};

// Every network namespace that a process is in or that has a name in `names_root`, if it has TCP
// sockets (IPv4 or IPv6, listening, connected or in TIME_WAIT; not merely bound), or had when it
// became known: its counters go on, and the next connection may come. Whether one that has a name
// and no process has any is not asked, since that would take entering it: it counts as if it had.
//
// It is named after its name in `names_root`, or its container, or its systemd service, or
// "net-INODE": of its process with the lowest number where that decides. A name that is taken has
// "-INODE" behind it.
//
// Not found: namespaces that only threads other than a process's first are in, or that are only
// held open. Processes that end meanwhile are no failure. A scan takes 9 ms of CPU for 1,000
// processes (a stat() each) and 0.15 ms for each namespace, so one every 30 s costs 0.03 % of a
// core there, and finds a container while it is still new.
//
// Whether a namespace has sockets, and what its process belongs to, needs no capability; which
// namespace a process of another user is in takes CAP_SYS_PTRACE (`proc_ns_get_link`). Thread-safe.
base::Result<NamespaceScan> scan_namespaces(const NamespaceSearch& search);

}  // namespace timewait::kernel
