// What is wrong, why, and what to change: findings, with what follows from them. Thread-safe.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"

namespace timewait::diagnosis {

// Something to change.
struct Remedy {
  std::string what;                // a sentence
  std::string where;               // the file or place; empty where it goes without saying
  std::vector<std::string> lines;  // exactly as they are to be written there; may be none
  std::string caution;             // what to look at first, or afterwards; may be empty
};

struct Problem {
  analysis::Finding finding;          // what is wrong, in a sentence
  std::vector<std::string> evidence;  // figures, a sentence each
  std::string why;                    // sentences
  std::vector<Remedy> remedies;       // the most effective first
};

struct Diagnosis {
  std::vector<Problem> problems;      // most urgent first
  std::vector<std::string> harmless;  // what looks bad, and why it is not
  std::vector<std::string> unknown;   // what could not be, or was not looked at, and how it can
  std::string proviso{};              // see proviso_in(); of the first namespace that has one
  // Of the problems; absent where there are none.
  std::optional<analysis::Severity> worst() const;
};

Diagnosis diagnose(const analysis::ExporterState& state, std::chrono::steady_clock::time_point now);

}  // namespace timewait::diagnosis
