// What is to be explained: findings that have one cause, and where they were found.
#pragma once

#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"
#include "diagnosis/cause.h"
#include "diagnosis/diagnosis.h"

namespace timewait::diagnosis {

struct Case {
  Cause cause;
  std::vector<analysis::Finding> findings;  // most urgent first; one at least
};

// What a Problem has besides its finding.
struct Explanation {
  std::vector<std::string> evidence;
  std::string why;
  std::vector<Remedy> remedies;
};

}  // namespace timewait::diagnosis
