// What was found, a paragraph each. Thread-safe.
#pragma once

#include <vector>

#include "analysis/findings.h"
#include "report/styled_text.h"

namespace timewait::report {

// "CRITICAL  " and the sentence, and so on, in their order.
Text findings_text(const std::vector<analysis::Finding>& findings, const Layout& layout);

// One of them.
Text finding_text(const analysis::Finding& finding, const Layout& layout);

}  // namespace timewait::report
