// Collects the findings of one poll of all namespaces. Not thread-safe.
#pragma once

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/findings.h"

namespace timewait::analysis {

class FindingList {
 public:
  // `margin`: the less, the more urgent among those of one severity and kind.
  void add(double margin, Finding finding) { found_.emplace_back(margin, std::move(finding)); }

  // Most urgent first.
  std::vector<Finding> take() && {
    std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::tuple(a.second.severity, a.second.kind, a.first) <
             std::tuple(b.second.severity, b.second.kind, b.first);
    });
    std::vector<Finding> findings;
    findings.reserve(found_.size());
    for (auto& [margin, finding] : found_) findings.push_back(std::move(finding));
    return findings;
  }

 private:
  std::vector<std::pair<double, Finding>> found_;
};

}  // namespace timewait::analysis
