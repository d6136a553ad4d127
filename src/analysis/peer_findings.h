// Findings about the local ports toward peers.
#pragma once

#include <chrono>
#include <string>

#include "analysis/finding_list.h"
#include "analysis/snapshot.h"

namespace timewait::analysis {

// Of the peers of the network namespace `netns`, those together that are not shown by name among
// them. What one finding says of a peer no other repeats.
void find_in_peers(FindingList& findings, const Snapshot& snapshot, const std::string& netns,
                   std::chrono::steady_clock::time_point now);

}  // namespace timewait::analysis
