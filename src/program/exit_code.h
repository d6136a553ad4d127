// What the process tells its caller.
#pragma once

namespace timewait::program {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailure = 1;  // a run-time failure
inline constexpr int kExitUsage = 2;    // bad usage or a bad configuration
// Of a diagnosis: the most urgent that was found.
inline constexpr int kExitWarning = 3;
inline constexpr int kExitCritical = 4;

}  // namespace timewait::program
