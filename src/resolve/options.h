// How names are resolved. The defaults are the exporter's; tests have other servers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace timewait::resolve {

struct Options {
  std::string resolv_conf = "/etc/resolv.conf";  // read for each lookup, so a change takes effect
  std::uint16_t server_port = 53;                // of each server that it names, UDP and TCP
  // For a server's answer. There are two tries with each server, the second twice as long.
  std::chrono::milliseconds timeout{2000};
};

}  // namespace timewait::resolve
