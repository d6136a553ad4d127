#include <iostream>

#include "daemon/daemon.h"
#include "daemon/flags.h"

int main(int argc, char** argv) {
  const auto flags = timewait::daemon::parse_flags(argc, argv);
  if (!flags) {
    (flags.error().exit_code == 0 ? std::cout : std::cerr) << flags.error().text;
    return flags.error().exit_code;
  }
  return timewait::daemon::run(*flags);
}
