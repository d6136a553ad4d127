#include "kernel/namespace_discovery.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>

#include <sys/stat.h>

#include "kernel/namespace_name.h"
#include "kernel/proc_file.h"
#include "kernel/sockstat.h"
#include "kernel/words.h"

namespace timewait::kernel {
namespace {

// By what a namespace can be reached: one of the two at least.
struct Candidate {
  std::optional<std::uint64_t> pid;  // the lowest of its processes
  std::string name;                  // the first of its names in alphabetical order
};

using Candidates = std::map<NamespaceIdentity, Candidate>;

// Or else the errno.
base::Result<NamespaceIdentity, int> identity_at(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return errno;
  return NamespaceIdentity{file.st_dev, file.st_ino};
}

template <typename Visit>
std::error_code for_each_entry(const std::string& folder, const Visit& visit) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    visit(entry->path().filename().string());
  }
  return error;
}

std::string of_process(const NamespaceSearch& search, std::uint64_t pid, const char* file) {
  return search.proc_root + "/" + std::to_string(pid) + "/" + file;
}

void add_process(Candidates& candidates, const NamespaceIdentity& identity, std::uint64_t pid) {
  Candidate& candidate = candidates[identity];
  candidate.pid = std::min(pid, candidate.pid.value_or(pid));
}

void add_name(Candidates& candidates, const NamespaceIdentity& identity, const std::string& name) {
  Candidate& candidate = candidates[identity];
  if (candidate.name.empty() || name < candidate.name) candidate.name = name;
}

std::error_code add_processes(Candidates& candidates, std::size_t& unreadable,
                              const NamespaceSearch& search) {
  return for_each_entry(search.proc_root, [&](const std::string& entry) {
    const std::optional<std::uint64_t> pid = to_number(entry);
    if (!pid) return;
    const auto identity = identity_at(of_process(search, *pid, "ns/net"));
    if (identity) {
      add_process(candidates, *identity, *pid);
    } else if (identity.error() == EACCES || identity.error() == EPERM) {
      ++unreadable;
    }
  });
}

// `device` is where namespaces are: the empty file that a name leaves behind is elsewhere.
void add_names(Candidates& candidates, std::uint64_t device, const NamespaceSearch& search) {
  for_each_entry(search.names_root, [&](const std::string& name) {
    const auto identity = identity_at(search.names_root + "/" + name);
    if (identity && identity->device == device) add_name(candidates, *identity, name);
  });
}

std::uint64_t count_sockets(const std::string& sockstat_path, std::string_view protocol) {
  const std::string content = read_proc_file(sockstat_path).value_or("");
  return find_in_sockstat(content, protocol, "inuse").value_or(0) +
         find_in_sockstat(content, protocol, "tw").value_or(0);
}

// From sockstat, whose figures the kernel keeps: for /proc/PID/net/tcp it would walk the table that
// the sockets of all namespaces share.
bool has_sockets(const NamespaceSearch& search, const Candidate& candidate) {
  if (!candidate.pid) return true;
  return count_sockets(of_process(search, *candidate.pid, "net/sockstat"), "TCP:") > 0 ||
         count_sockets(of_process(search, *candidate.pid, "net/sockstat6"), "TCP6:") > 0;
}

std::string path_of(const NamespaceSearch& search, const Candidate& candidate) {
  if (!candidate.name.empty()) return search.names_root + "/" + candidate.name;
  return of_process(search, candidate.pid.value_or(0), "ns/net");
}

std::string wanted_name(const NamespaceSearch& search, const Candidate& candidate,
                        std::uint64_t inode) {
  if (!candidate.name.empty()) return candidate.name;
  const std::string cgroup =
      read_proc_file(of_process(search, candidate.pid.value_or(0), "cgroup")).value_or("");
  return name_from_cgroup(cgroup).value_or("net-" + std::to_string(inode));
}

// Takes the known ones out of `candidates`.
void find_known(NamespaceScan& scan, Candidates& candidates, UniqueNames& names,
                const NamespaceSearch& search) {
  for (const DiscoveredNamespace& known : search.known) {
    const auto candidate = candidates.find(known.identity);
    if (candidate == candidates.end()) continue;
    if (scan.found.size() < search.max) {
      names.take(known.name);
      scan.found.push_back({known.name, path_of(search, candidate->second), known.identity});
    } else {
      ++scan.left_out;
    }
    candidates.erase(candidate);
  }
}

void find_new(NamespaceScan& scan, const Candidates& candidates, UniqueNames& names,
              const NamespaceSearch& search) {
  for (const auto& [identity, candidate] : candidates) {
    if (!has_sockets(search, candidate)) continue;
    if (scan.found.size() == search.max) {
      ++scan.left_out;
      continue;
    }
    const std::string wanted = wanted_name(search, candidate, identity.inode);
    scan.found.push_back(
        {names.give(wanted, identity.inode), path_of(search, candidate), identity});
  }
}

}  // namespace

base::Result<NamespaceScan> scan_namespaces(const NamespaceSearch& search) {
  const auto own = identity_at(search.proc_root + "/self/ns/net");
  if (!own) {
    return base::system_error("cannot look at " + search.proc_root + "/self/ns/net", own.error());
  }
  NamespaceScan scan;
  Candidates candidates;
  if (const auto error = add_processes(candidates, scan.unreadable_processes, search)) {
    return base::system_error("cannot list " + search.proc_root, error.value());
  }
  add_names(candidates, own->device, search);
  for (const NamespaceIdentity& identity : search.excluded) candidates.erase(identity);

  UniqueNames names(search.taken_names);
  find_known(scan, candidates, names, search);
  find_new(scan, candidates, names, search);
  return scan;
}

}  // namespace timewait::kernel
