// Figures as they stand in a table: as briefly as can be. Thread-safe.
#pragma once

#include <string>

#include "report/peer_rows.h"

namespace timewait::report {

inline constexpr char kNothing[] = "-";  // there is none

// Shares of 0 to 1: "3.4 %", "< 0.1 %".
std::string share_cell(double share);

// "25 s", "12 min", "now"; "-": not on course to run out.
std::string runs_out_cell(const PeerRow& row);

// "10.0.0.5", and "10.0.0.5 +2" where there are two more pools.
std::string local_address_cell(const PeerRow& row);

// A second, and how many can be sustained: "395 of 470".
std::string arrivals_cell(const PeerRow& row);

}  // namespace timewait::report
