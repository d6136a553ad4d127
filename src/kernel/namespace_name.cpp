#include "kernel/namespace_name.h"

#include <algorithm>
#include <array>

#include "kernel/words.h"

namespace timewait::kernel {
namespace {

constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kShownIdDigits = 12;  // as `docker ps` and `podman ps` show them

// What container engines put before the id in the name of a systemd scope. Without systemd the id
// stands alone: /docker/ID, /kubepods/burstable/podUID/ID.
constexpr std::array<std::string_view, 4> kScopePrefixes = {"docker-", "cri-containerd-", "crio-",
                                                            "libpod-"};
constexpr std::string_view kScopeSuffix = ".scope";
constexpr std::string_view kLxcPrefix = "lxc.payload.";
constexpr std::string_view kServiceSuffix = ".service";

bool is_container_id(std::string_view text) {
  return text.size() == kIdDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "docker-ID.scope" as "ID"; any other text as it is.
std::string_view without_scope(std::string_view directory) {
  if (!directory.ends_with(kScopeSuffix)) return directory;
  for (const std::string_view prefix : kScopePrefixes) {
    if (!directory.starts_with(prefix)) continue;
    directory.remove_prefix(prefix.size());
    directory.remove_suffix(kScopeSuffix.size());
    return directory;
  }
  return directory;
}

std::optional<std::string_view> container_in(std::string_view directory) {
  const std::string_view id = without_scope(directory);
  if (is_container_id(id)) return id.substr(0, kShownIdDigits);
  if (directory.size() > kLxcPrefix.size() && directory.starts_with(kLxcPrefix)) {
    return directory.substr(kLxcPrefix.size());
  }
  return std::nullopt;
}

std::optional<std::string_view> service_in(std::string_view directory) {
  if (directory.size() > kServiceSuffix.size() && directory.ends_with(kServiceSuffix)) {
    return directory;
  }
  return std::nullopt;
}

using NameIn = std::optional<std::string_view> (*)(std::string_view directory);

// Of the innermost directory of `path` that has one.
std::optional<std::string_view> innermost(std::string_view path, NameIn name_in) {
  for (;;) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    if (const auto name = name_in(path.substr(slash + 1))) return name;
    path = path.substr(0, slash);
  }
}

char printable(char byte) { return byte >= ' ' && byte <= '~' ? byte : '_'; }

}  // namespace

// Lines of "HIERARCHY:CONTROLLERS:PATH", of which cgroup v2 has one. The path begins with a slash.
std::optional<std::string> name_from_cgroup(std::string_view cgroup) {
  for (const NameIn name_in : {&container_in, &service_in}) {
    std::string_view lines = cgroup;
    while (!lines.empty()) {
      if (const auto name = innermost(take_line(lines), name_in)) return std::string(*name);
    }
  }
  return std::nullopt;
}

std::string UniqueNames::give(std::string_view wanted, std::uint64_t inode) {
  std::string base(wanted.substr(0, kMaxNamespaceNameBytes));
  std::transform(base.begin(), base.end(), base.begin(), &printable);
  std::string name = base.empty() ? "net" : base;
  // More than one turn takes somebody who gives a namespace the name that another would have got.
  for (int turn = 1; !taken_.insert(name).second; ++turn) {
    std::string suffix = "-" + std::to_string(inode);
    if (turn > 1) suffix += "-" + std::to_string(turn);
    name = base.substr(0, kMaxNamespaceNameBytes - suffix.size()) + suffix;
  }
  return name;
}

}  // namespace timewait::kernel
