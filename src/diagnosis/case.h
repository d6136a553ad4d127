// What is to be explained: findings that have one cause, and where they were found.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "analysis/findings.h"
#include "diagnosis/cause.h"
#include "diagnosis/diagnosis.h"
#include "diagnosis/place.h"

namespace timewait::diagnosis {

struct Case {
  Cause cause;
  std::vector<analysis::Finding> findings;  // most urgent first; one at least
  Place place;

  bool has(analysis::FindingKind kind) const {
    return std::any_of(findings.begin(), findings.end(),
                       [kind](const analysis::Finding& each) { return each.kind == kind; });
  }
  analysis::Severity severity() const { return findings.front().severity; }
};

// What a Problem has besides its finding.
struct Explanation {
  std::vector<std::string> evidence;
  std::string why;
  std::vector<Remedy> remedies;
};

}  // namespace timewait::diagnosis
