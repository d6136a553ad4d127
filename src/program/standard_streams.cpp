#include "program/standard_streams.h"

#include <initializer_list>

#include <fcntl.h>
#include <unistd.h>

namespace timewait::program {

void reserve_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // open() takes the lowest number that is free: this one.
    if (::fcntl(fd, F_GETFD) == -1) ::open("/dev/null", O_RDONLY);
  }
}

}  // namespace timewait::program
