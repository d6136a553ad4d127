// What this build is: set when CMake configures it.
#pragma once

#include <string>

#include "exposition/render.h"

namespace timewait::program {

exposition::BuildInfo build_info();

// For --version, in the words of the other Prometheus exporters.
std::string version_text(const std::string& program);

}  // namespace timewait::program
