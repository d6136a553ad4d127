// What is behind a finding. Findings that have the same cause are one problem. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "analysis/exporter_state.h"
#include "analysis/findings.h"

namespace timewait::diagnosis {

enum class CauseKind {
  kPolls,              // of a network namespace fail
  kReload,             // of the configuration failed
  kHostNames,          // do not resolve
  kChurn,              // connections to a peer are opened and closed all the time
  kOpen,               // very many are open
  kCloseWait,          // the program here does not close its connections
  kSynSent,            // a peer does not answer
  kFinWait2,           // a peer does not close
  kUnanswered,         // a peer no longer answers
  kBound,              // ports are held by bind()
  kSmallRange,         // the range has few ports, or few that are not reserved
  kAcceptQueue,        // a program does not accept its connections
  kTimeWaitLimit,      // this host closes the connections that it accepts
  kEphemeralListener,  // programs listen in the range
};

struct Cause {
  CauseKind kind;
  std::string netns{};
  std::optional<std::string> peer{};
  std::optional<std::string> listener{};

  bool operator==(const Cause&) const = default;
};

// `state` is what the finding was found in.
Cause cause_of(const analysis::Finding& finding, const analysis::ExporterState& state);

}  // namespace timewait::diagnosis
