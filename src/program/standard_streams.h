// Standard input, output and error of this process.
#pragma once

namespace timewait::program {

// Opens those that the caller has left closed, on /dev/null and for reading only, so that no socket
// of ours gets such a number and takes what is meant for a terminal; what is written there fails as
// before. Call before anything else opens a descriptor.
void reserve_standard_streams();

}  // namespace timewait::program
