// A network namespace for a benchmark, so that nothing of the host is touched.
#pragma once

namespace timewait::bench {

// Ends the program with a message unless `condition` holds; `what` failed with errno.
void require(bool condition, const char* what);

// Moves the program into a namespace with nothing but a loopback interface that is up.
void enter_fresh_namespace();

// There: TIME_WAIT sockets stay for their 60 s, however many there are.
void keep_every_time_wait();

}  // namespace timewait::bench
