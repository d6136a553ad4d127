// A diagnosis for a person. Thread-safe.
#pragma once

#include "diagnosis/diagnosis.h"
#include "report/styled_text.h"

namespace timewait::report {

// Each problem, with its evidence, why it is one, and what to change; then what is harmless and
// what is not known. Says so where nothing is wrong. Lines that are to be copied are kVerbatim, and
// as long as they are.
Text diagnosis_text(const diagnosis::Diagnosis& diagnosis, const Layout& terminal);

}  // namespace timewait::report
