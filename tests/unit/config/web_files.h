// The files that web configurations of tests name, without a file system.
#pragma once

#include <map>
#include <string>

#include "config/web_config.h"

namespace timewait::config {

// By name: those that tests/e2e/bad_web_config/cases.txt lists. Made once.
const std::map<std::string, std::string>& web_files();

// Reads them as if they lay in the working directory.
FileReader web_file_reader();

}  // namespace timewait::config
