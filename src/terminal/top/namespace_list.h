// The network namespaces that can be looked into. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace timewait::terminal::top {

struct NamespaceChoice {
  std::string name{};      // as the configuration calls it, or discovery; empty: the own
  std::string path{};      // empty: the own
  std::string obstacle{};  // why it cannot be entered; empty: it can
};

struct NamespaceList {
  std::vector<NamespaceChoice> choices;  // the own, the configured ones, those that were discovered
  std::string remark{};                  // why there may be more; may be empty
};

// Takes some 10 ms where there are 1,000 processes. To learn whether it may, it enters each of
// them, on a thread of its own.
NamespaceList find_namespaces(const std::vector<config::NetworkNamespace>& configured);

}  // namespace timewait::terminal::top
