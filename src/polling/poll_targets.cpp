#include "polling/poll_targets.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>

namespace timewait::polling {
namespace {

using kernel::NamespaceFailure;
using kernel::NetworkNamespace;

// A scan costs some 10 ms for 1,000 processes.
constexpr std::chrono::seconds kDiscoveryInterval{30};

// Each takes two file descriptors, so a quarter of them; the clients have a half.
std::size_t most_open() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur / 8;
}

}  // namespace

PollTargets::PollTargets(SourceFactory make_source, PollRules rules, NamespacePlan plan,
                         const logging::Log& log)
    : make_source_(std::move(make_source)),
      rules_(std::move(rules)),
      plan_(std::move(plan)),
      log_(log) {
  entries_.push_back(make_entry(Entry::Origin::kOwn, {}, {}));
  keep_configured();
}

std::unique_ptr<PollTargets::Entry> PollTargets::make_entry(Entry::Origin origin, std::string name,
                                                            std::string path) const {
  return std::make_unique<Entry>(
      Entry{origin, std::move(path),
            PollTarget(std::move(name), make_source_, rules_for(origin), log_), std::nullopt});
}

PollRules PollTargets::rules_for(Entry::Origin origin) const {
  PollRules rules = rules_;
  if (origin == Entry::Origin::kOwn) rules.rules.own_listeners = own_listeners_;
  return rules;
}

void PollTargets::set_rules(const PollRules& rules) {
  rules_ = rules;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    entry->target.reconfigure(rules_for(entry->origin));
  }
}

void PollTargets::set_own_listeners(std::vector<inet::Endpoint> listeners) {
  own_listeners_ = std::move(listeners);
  entries_.front()->target.reconfigure(rules_for(Entry::Origin::kOwn));
}

void PollTargets::set_plan(NamespacePlan plan) {
  plan_ = std::move(plan);
  keep_configured();
  discovered_at_.reset();
}

// The own, the configured in their order, and what was discovered if that is to go on.
void PollTargets::keep_configured() {
  std::vector<std::unique_ptr<Entry>> before = std::move(entries_);
  entries_.clear();
  entries_.push_back(std::move(before.front()));
  for (const config::NetworkNamespace& wanted : plan_.configured) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const auto& entry) {
      return entry != nullptr && entry->origin == Entry::Origin::kConfigured &&
             entry->target.state().name == wanted.name && entry->path == wanted.path;
    });
    entries_.push_back(same == before.end()
                           ? make_entry(Entry::Origin::kConfigured, wanted.name, wanted.path)
                           : std::move(*same));
  }
  if (!plan_.discovery) {
    left_out_ = 0;
    return;
  }
  for (std::unique_ptr<Entry>& entry : before) {
    if (entry != nullptr && entry->origin == Entry::Origin::kDiscovered) {
      entries_.push_back(std::move(entry));
    }
  }
}

void PollTargets::poll_all(const std::function<void()>& after_each) {
  discover();
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const base::Status<NamespaceFailure> entered = enter(*entry);
    if (entered) {
      entry->target.poll();
    } else {
      entry->target.fail(
          {reading::FailureReason::kNamespace, std::string(entered.error().error.message)});
    }
    after_each();
  }
  return_home();
}

// A thread in a namespace keeps it alive.
void PollTargets::return_home() {
  const base::Status<NamespaceFailure> entered = enter(*entries_.front());
  if (!entered) return;  // the next poll of the own namespace will say so
}

// Where there is only the own namespace, nothing is opened or entered.
base::Status<NamespaceFailure> PollTargets::enter(Entry& entry) {
  if (entries_.size() == 1 && !entry.open) return base::Ok{};
  base::Status<NamespaceFailure> opened = reopen(entry);
  if (!opened) return opened;
  return entry.open->enter();
}

// A path is opened for each poll: another namespace may have taken it. One that was discovered
// stays what it is, since the number of a process may be another's later on.
base::Status<NamespaceFailure> PollTargets::reopen(Entry& entry) {
  if (entry.open && entry.origin != Entry::Origin::kConfigured) return base::Ok{};
  if (!entry.open && open_namespaces() >= most_open()) {
    return NamespaceFailure{NamespaceFailure::Reason::kOther,
                            base::Error{"too few file descriptors (RLIMIT_NOFILE)"}};
  }
  base::Result<NetworkNamespace, NamespaceFailure> opened =
      entry.origin == Entry::Origin::kOwn ? NetworkNamespace::open_own()
                                          : NetworkNamespace::open(entry.path);
  if (!opened) {
    const bool gone = opened.error().reason == NamespaceFailure::Reason::kNotThere;
    if (gone) {
      entry.target.forget();
      entry.open.reset();
    }
    return opened.error();
  }
  if (entry.open && entry.open->identity() != opened->identity()) entry.target.forget();
  entry.open = std::move(*opened);
  return base::Ok{};
}

std::size_t PollTargets::open_namespaces() const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const auto& entry) { return entry->open.has_value(); }));
}

void PollTargets::audit_all(std::chrono::nanoseconds cpu_budget) {
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->target.failure() || !enter(*entry)) continue;
    entry->target.audit(cpu_budget / entries_.size());
  }
  return_home();
}

void PollTargets::log_changes() {
  for (const std::unique_ptr<Entry>& entry : entries_) entry->target.log_change();
}

std::vector<inet::Address> PollTargets::still_used(std::span<const inet::Address> addresses) const {
  std::vector<inet::Address> used;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const std::vector<inet::Address> here = entry->target.still_used(addresses);
    used.insert(used.end(), here.begin(), here.end());
  }
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  return used;
}

const std::optional<reading::ReadFailure>& PollTargets::own_failure() const {
  return entries_.front()->target.failure();
}

std::vector<analysis::NamespaceState> PollTargets::states() const {
  std::vector<analysis::NamespaceState> states;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    states.push_back(entry->target.state());
    states.back().path = entry->path;
  }
  return states;
}

// A discovered namespace that its path leads to no more may be gone: then we let go of it at once.
bool PollTargets::leads_elsewhere(const Entry& entry) const {
  if (entry.origin != Entry::Origin::kDiscovered) return false;
  const base::Result<NetworkNamespace, NamespaceFailure> there = NetworkNamespace::open(entry.path);
  return !there || there->identity() != entry.open->identity();
}

bool PollTargets::discovery_is_due(std::chrono::steady_clock::time_point now) const {
  return !discovered_at_ || now - *discovered_at_ >= kDiscoveryInterval ||
         std::any_of(entries_.begin(), entries_.end(),
                     [this](const auto& entry) { return leads_elsewhere(*entry); });
}

// Its label, or what it stands for, has become that of a configured one by a reload.
bool PollTargets::is_configured_too(const Entry& found) const {
  if (found.origin != Entry::Origin::kDiscovered) return false;
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    if (entry == nullptr || entry->origin != Entry::Origin::kConfigured) return false;
    return entry->target.state().name == found.target.state().name ||
           (entry->open && entry->open->identity() == found.open->identity());
  });
}

void PollTargets::discover() {
  const auto now = std::chrono::steady_clock::now();
  if (!plan_.discovery || !discovery_is_due(now)) return;
  discovered_at_ = now;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    if (entry->origin == Entry::Origin::kDiscovered) continue;
    const base::Status<NamespaceFailure> opened = reopen(*entry);
    if (!opened) continue;  // its poll will say so
  }
  // The configured come first, so they stay in place while the others move up.
  std::erase_if(entries_, [this](const auto& entry) { return is_configured_too(*entry); });
  const base::Result<kernel::NamespaceScan> scan = kernel::scan_namespaces(search());
  if (!scan) {
    log_.warn("network namespaces cannot be discovered", {{"error", scan.error().message}});
    return;
  }
  left_out_ = static_cast<std::uint32_t>(scan->left_out);
  log_unreadable(*scan);
  keep_found(*scan);
}

kernel::NamespaceSearch PollTargets::search() const {
  kernel::NamespaceSearch search;
  search.max = plan_.discovery->max;
  for (const std::unique_ptr<Entry>& entry : entries_) {
    const std::string& name = entry->target.state().name;
    if (entry->origin == Entry::Origin::kDiscovered) {
      search.known.push_back({name, entry->path, entry->open->identity()});
      continue;
    }
    if (!name.empty()) search.taken_names.push_back(name);
    if (entry->open) search.excluded.push_back(entry->open->identity());
  }
  return search;
}

// An entry that was found again goes on; one that was not is let go of, and with it its namespace.
void PollTargets::keep_found(const kernel::NamespaceScan& scan) {
  const auto is_found = [&](const Entry& entry) {
    return std::any_of(scan.found.begin(), scan.found.end(),
                       [&](const auto& found) { return found.identity == entry.open->identity(); });
  };
  std::erase_if(entries_, [&](const std::unique_ptr<Entry>& entry) {
    const bool gone = entry->origin == Entry::Origin::kDiscovered && !is_found(*entry);
    if (gone) log_.info("network namespace is gone", {{"netns", entry->target.state().name}});
    return gone;
  });
  for (const kernel::DiscoveredNamespace& found : scan.found) {
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
      return entry->open && entry->open->identity() == found.identity;
    });
    if (known != entries_.end()) {
      if ((*known)->origin == Entry::Origin::kDiscovered) (*known)->path = found.path;
      continue;
    }
    if (open_namespaces() >= most_open()) {
      ++left_out_;
      continue;
    }
    base::Result<NetworkNamespace, NamespaceFailure> opened = NetworkNamespace::open(found.path);
    if (!opened || opened->identity() != found.identity) continue;  // gone in the meantime
    log_.info("network namespace found", {{"netns", found.name}, {"path", found.path}});
    entries_.push_back(make_entry(Entry::Origin::kDiscovered, found.name, found.path));
    entries_.back()->open = std::move(*opened);
  }
}

void PollTargets::log_unreadable(const kernel::NamespaceScan& scan) {
  if (scan.unreadable_processes == 0 || std::exchange(unreadable_logged_, true)) return;
  log_.warn(
      "the network namespaces of some processes may not be asked for; is CAP_SYS_PTRACE missing?",
      {{"processes", std::to_string(scan.unreadable_processes)}});
}

}  // namespace timewait::polling
