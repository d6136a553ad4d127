// Sections of text that scroll, one below the other with an empty line between. Thread-safe.
#pragma once

#include <cstddef>
#include <vector>

#include "report/styled_text.h"

namespace timewait::terminal::top {

// The first line is the heading; there is one, at least.
using Section = report::Text;

// Lines of all of them.
std::size_t height_of(const std::vector<Section>& sections);

// So many rows, or what there is, from the line `scroll` on, which is below the height. In its
// place is the heading of its section, so that one is there as long as any line of it is.
report::Text scrolled(const std::vector<Section>& sections, std::size_t scroll, std::size_t rows);

}  // namespace timewait::terminal::top
