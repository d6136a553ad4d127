// Where commands are to be run: in the network namespace that a problem was found in. Thread-safe.
#pragma once

#include <string>

#include "analysis/exporter_state.h"

namespace timewait::diagnosis {

class Place {
 public:
  explicit Place(const analysis::NamespaceState& state);

  // The line as it is to be typed: in another network namespace by way of nsenter.
  std::string command(const std::string& line) const;
  // A sysctl that is set.
  std::string sysctl(const std::string& name, const std::string& value) const;

  // Whose right it takes, and in which namespace.
  std::string as_root() const;
  // Likewise, and how it is kept for good.
  std::string of_sysctls() const;

 private:
  std::string prefix_;     // of commands; empty where the user is
  std::string namespace_;  // in a sentence; likewise
};

}  // namespace timewait::diagnosis
