#include "terminal/top/namespace_list.h"

#include <thread>

#include "kernel/namespace_discovery.h"
#include "kernel/network_namespace.h"

namespace timewait::terminal::top {
namespace {

using kernel::NetworkNamespace;

constexpr std::size_t kMost = 256;  // as network_namespaces: {discover: true} may have

// Why it cannot be entered; empty if it can, and then the calling thread is there.
std::string obstacle_to(const base::Result<NetworkNamespace, kernel::NamespaceFailure>& opened) {
  if (!opened) return opened.error().error.message;
  const base::Status<kernel::NamespaceFailure> entered = opened->enter();
  return entered ? "" : entered.error().error.message;
}

std::string remark_on(const kernel::NamespaceScan& scan) {
  if (scan.left_out > 0) return std::to_string(scan.left_out) + " more are left out";
  if (scan.unreadable_processes == 0) return "";
  return std::to_string(scan.unreadable_processes) +
         " processes do not tell theirs: CAP_SYS_PTRACE is missing, or does not reach them";
}

NamespaceList look_around(const std::vector<config::NetworkNamespace>& configured) {
  NamespaceList list{.choices = {{}}};
  kernel::NamespaceSearch search;
  search.max = kMost;
  if (const auto own = NetworkNamespace::open_own()) search.excluded.push_back(own->identity());
  for (const config::NetworkNamespace& each : configured) {
    const auto opened = NetworkNamespace::open(each.path);
    if (opened) search.excluded.push_back(opened->identity());
    search.taken_names.push_back(each.name);
    list.choices.push_back({each.name, each.path, obstacle_to(opened)});
  }
  const base::Result<kernel::NamespaceScan> scan = kernel::scan_namespaces(search);
  if (!scan) {
    list.remark = scan.error().message;
    return list;
  }
  for (const kernel::DiscoveredNamespace& each : scan->found) {
    list.choices.push_back({each.name, each.path, obstacle_to(NetworkNamespace::open(each.path))});
  }
  list.remark = remark_on(*scan);
  return list;
}

}  // namespace

NamespaceList find_namespaces(const std::vector<config::NetworkNamespace>& configured) {
  NamespaceList list;
  std::thread([&] { list = look_around(configured); }).join();
  return list;
}

}  // namespace timewait::terminal::top
