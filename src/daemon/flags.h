// The command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "logging/log.h"
#include "program/command_line.h"
#include "web/listen_address.h"

namespace timewait::daemon {

struct Flags {
  std::optional<std::string> config_file;                  // --config.file
  bool config_check = false;                               // --config.check
  bool healthcheck = false;                                // --healthcheck
  bool once = false;                                       // --once
  std::vector<web::ListenAddress> listen_addresses;        // --web.listen-address, default :10048
  std::string telemetry_path = "/metrics";                 // --web.telemetry-path
  std::optional<std::string> web_config_file;              // --web.config.file
  bool systemd_socket = false;                             // --web.systemd-socket
  bool enable_lifecycle = false;                           // --web.enable-lifecycle
  logging::LogLevel log_level = logging::LogLevel::kInfo;  // --log.level
  logging::LogFormat log_format = logging::LogFormat::kLogfmt;  // --log.format
};

base::Result<Flags, program::EarlyExit> parse_flags(int argc, const char* const* argv);

}  // namespace timewait::daemon
