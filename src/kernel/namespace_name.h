// Names for network namespaces that nobody named: short, one line of text, and no two the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace timewait::kernel {

inline constexpr std::size_t kMaxNamespaceNameBytes = 128;

// What a process belongs to, from its /proc/PID/cgroup: its container (the first 12 digits of the
// id that Docker, containerd, CRI-O or Podman gave it, or the name of an LXC container), or else
// its systemd service, "nginx.service". The innermost, where one is inside another. Nothing if
// neither can be told.
std::optional<std::string> name_from_cgroup(std::string_view cgroup);

// Not thread-safe.
class UniqueNames {
 public:
  // Names that are not to be given.
  explicit UniqueNames(const std::vector<std::string>& taken)
      : taken_(taken.begin(), taken.end()) {}

  void take(const std::string& name) { taken_.insert(name); }

  // `wanted`, not empty, in printable ASCII (every other byte becomes '_': a name may come from
  // whoever may make a cgroup) and at most kMaxNamespaceNameBytes long; with "-INODE" behind it if
  // it is taken. It is taken from now on.
  std::string give(std::string_view wanted, std::uint64_t inode);

 private:
  std::set<std::string> taken_;
};

}  // namespace timewait::kernel
