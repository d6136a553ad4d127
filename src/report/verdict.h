// All that was found, in a sentence. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/findings.h"
#include "report/styled_text.h"

namespace timewait::report {

// That nothing is wrong; absent where something is. Information alone is nothing wrong. `worst`: of
// what was found, if anything was. `proviso`: see diagnosis::proviso_in().
std::optional<Span> all_clear(const std::optional<analysis::Severity>& worst,
                              const std::string& proviso);

// How many findings there are, and who tells more of them; empty where nothing is wrong. They come
// most urgent first.
Text summary_of(const std::vector<analysis::Finding>& findings, const Layout& layout);

}  // namespace timewait::report
