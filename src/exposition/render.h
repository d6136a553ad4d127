// The exposition: what a scrape gets. Pure functions, safe in any thread.
#pragma once

#include <string>
#include <string_view>

#include "exposition/collect.h"

namespace timewait::exposition {

enum class Format { kText, kOpenMetrics };

// The value of Content-Type.
std::string_view content_type(Format format);

std::string render(const Input& input, Format format);

}  // namespace timewait::exposition
