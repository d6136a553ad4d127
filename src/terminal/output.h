// What a command prints, to whoever reads it: a person, a pipe or a file. Not thread-safe.
#pragma once

#include <chrono>
#include <string_view>

#include "report/styled_text.h"

namespace timewait::terminal {

// A reader that is gone has seen enough: no failure, but the end.
enum class Printed { kAll, kReaderIsGone, kFailed };

class Output {
 public:
  // Stdout. SIGPIPE is ignored from then on.
  Output();

  // As wide as the reader's lines are now.
  report::Layout layout() const;

  // All of it, or why not; a failure is told on stderr.
  Printed print(const report::Text& text) const;
  Printed print(std::string_view text) const;

  // Until then; false, and at once, when the reader is gone.
  bool wait_until(std::chrono::steady_clock::time_point time) const;

 private:
  const bool utf8_;
  const bool colour_;
};

}  // namespace timewait::terminal
