// Lines put together from spans. Thread-safe.
#pragma once

#include <cstddef>

#include "report/styled_text.h"

namespace timewait::report {

// Columns that it takes.
std::size_t width_of(const Line& line);

// The beginning of the line, in at most `columns` columns; no spaces at its end.
Line clipped(const Line& line, std::size_t columns);

// A paragraph: the first line begins with `lead`, the others are indented as far. Broken between
// words; within one that is wider than the layout.
Text paragraph(const Line& lead, const Span& words, const Layout& layout);

void append(Text& text, const Text& more);

// With an empty line between the two, unless one of them has none.
void add_section(Text& text, const Text& section);

}  // namespace timewait::report
