// A finding as a paragraph. Thread-safe.
#pragma once

#include "analysis/findings.h"
#include "report/styled_text.h"

namespace timewait::report {

// "CRITICAL  " and the sentence.
Text finding_text(const analysis::Finding& finding, const Layout& layout);

}  // namespace timewait::report
