// The network namespaces that are polled: the exporter's own, those of the configuration, and those
// that are discovered. Moves the calling thread from one to the next. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "config/config.h"
#include "inet/endpoint.h"
#include "kernel/namespace_discovery.h"
#include "kernel/network_namespace.h"
#include "logging/log.h"
#include "polling/poll_target.h"
#include "reading/read_failure.h"

namespace timewait::polling {

// Which namespaces are polled besides the exporter's own.
struct NamespacePlan {
  std::vector<config::NetworkNamespace> configured;
  std::optional<config::NamespaceDiscovery> discovery;
};

class PollTargets {
 public:
  // `log` outlives this.
  PollTargets(SourceFactory make_source, PollRules rules, NamespacePlan plan,
              const logging::Log& log);

  // From the next poll on. What is known of names and namespaces that stay is kept.
  void set_rules(const PollRules& rules);
  void set_plan(NamespacePlan plan);

  // Where the exporter itself listens, in its own namespace.
  void set_own_listeners(std::vector<inet::Endpoint> listeners);

  // Polls each once, with `after_each` after it, and leaves the calling thread in the exporter's
  // own. One that cannot be entered is a failed poll of its own, and holds up no other. A namespace
  // that is deleted lives on until the next poll has noticed: a socket of ours is in it.
  void poll_all(const std::function<void()>& after_each);

  // Audits the ports of all that were polled, for that much CPU time together.
  void audit_all(std::chrono::nanoseconds cpu_budget);

  // Logs failures of polls when they begin and when they end. Call after each poll_all().
  void log_changes();

  // Those of the addresses, which are sorted, that had outbound sockets in some namespace.
  std::vector<inet::Address> still_used(std::span<const inet::Address> addresses) const;

  // Why the last poll of the exporter's own namespace failed, if it did.
  const std::optional<reading::ReadFailure>& own_failure() const;

  std::vector<analysis::NamespaceState> states() const;
  std::uint32_t left_out() const { return left_out_; }

 private:
  struct Entry {
    enum class Origin { kOwn, kConfigured, kDiscovered };
    Origin origin;
    std::string path;  // empty for the own
    PollTarget target;
    // The namespace as of the last poll. Holds it, so that its identity is no other's.
    std::optional<kernel::NetworkNamespace> open;
  };

  PollRules rules_for(Entry::Origin origin) const;
  std::unique_ptr<Entry> make_entry(Entry::Origin origin, std::string name, std::string path) const;
  void keep_configured();
  base::Status<kernel::NamespaceFailure> enter(Entry& entry);
  base::Status<kernel::NamespaceFailure> reopen(Entry& entry);
  void return_home();
  std::size_t open_namespaces() const;
  bool leads_elsewhere(const Entry& entry) const;
  bool is_configured_too(const Entry& found) const;
  bool discovery_is_due(std::chrono::steady_clock::time_point now) const;
  void discover();
  kernel::NamespaceSearch search() const;
  void keep_found(const kernel::NamespaceScan& scan);
  void log_unreadable(const kernel::NamespaceScan& scan);

  const SourceFactory make_source_;
  PollRules rules_;
  std::vector<inet::Endpoint> own_listeners_;
  NamespacePlan plan_;
  const logging::Log& log_;
  std::vector<std::unique_ptr<Entry>> entries_;  // the own first, then the configured
  std::optional<std::chrono::steady_clock::time_point> discovered_at_;
  std::uint32_t left_out_ = 0;  // by the last discovery
  bool unreadable_logged_ = false;
};

}  // namespace timewait::polling
