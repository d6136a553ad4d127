// A diagnosis for programs, as diagnosis.schema.json describes it. Thread-safe.
#pragma once

#include <chrono>
#include <string>

#include "diagnosis/diagnosis.h"

namespace timewait::report {

// One line. `exit_code`: the program's.
std::string diagnosis_json(const diagnosis::Diagnosis& diagnosis, int exit_code,
                           std::chrono::system_clock::time_point written_at);

}  // namespace timewait::report
