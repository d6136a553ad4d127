// The host names in the rules for peers: what they stand for at present. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "inet/address.h"
#include "inet/matcher.h"
#include "logging/log.h"
#include "resolve/host_resolver.h"

namespace timewait::polling {

class HostNames {
 public:
  using Addresses = std::vector<inet::Address>;  // sorted, each once
  // Of the addresses given, those that some socket is connected to.
  using StillUsed = std::function<Addresses(std::span<const inet::Address>)>;

  explicit HostNames(const logging::Log& log) : log_(log) {}  // which outlives it

  // Resolves the names in these rules from now on. Names that stay keep their addresses.
  void set_rules(const std::vector<inet::NamedRule>& rules);

  // Waits until every name was looked up once, but not longer than that.
  void wait_for_first_answers(std::chrono::milliseconds limit) const;

  // Takes what was learnt since the last time: true if some name stands for other addresses now.
  // An address that is gone from the answer stays while it is used.
  bool update(const StillUsed& still_used);

  // Gives the matchers with a host their addresses.
  void fill_in(std::vector<inet::NamedRule>& rules) const;

  std::vector<analysis::HostHealth> health() const;

 private:
  void log_change(const std::string& name, const resolve::HostState& before,
                  const resolve::HostState& now) const;

  const logging::Log& log_;
  std::vector<std::string> names_;
  std::unique_ptr<resolve::HostResolver> resolver_;  // null if there is nothing to resolve
  resolve::HostAddresses answers_;                   // of the last update
  std::map<std::string, Addresses> addresses_;       // by name: what matches
};

}  // namespace timewait::polling
