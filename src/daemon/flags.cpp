#include "daemon/flags.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "daemon/endpoints.h"
#include "program/command_line.h"

namespace timewait::daemon {
namespace {

const std::map<std::string, logging::LogLevel> kLogLevels = {{"debug", logging::LogLevel::kDebug},
                                                             {"info", logging::LogLevel::kInfo},
                                                             {"warn", logging::LogLevel::kWarn},
                                                             {"error", logging::LogLevel::kError}};
const std::map<std::string, logging::LogFormat> kLogFormats = {
    {"logfmt", logging::LogFormat::kLogfmt}, {"json", logging::LogFormat::kJson}};

// CLI11 validators return an empty string for a good value, else what is wrong.
template <typename Values>
CLI::Validator member_of(const Values& values) {
  return CLI::Validator(
      [&values](const std::string& text) {
        if (values.contains(text)) return std::string();
        std::string allowed;
        for (const auto& [name, value] : values) allowed += (allowed.empty() ? "" : ", ") + name;
        return "\"" + text + "\" is not known (allowed: " + allowed + ")";
      },
      "", "");
}

// A path that can be served: absolute, plain, and not one that already means something. Browsers
// take what follows "//" for the name of another host, and '\\' for '/'.
std::string check_telemetry_path(const std::string& path) {
  if (!path.starts_with('/')) return "the path must begin with '/'";
  if (path.starts_with("//")) return "the path must not begin with '//'";
  if (path.find_first_of("?#%\"<>& \t\\") != std::string::npos)
    return "the path must be a plain path";
  if (is_reserved_path(path)) return "the path " + path + " is taken";
  return {};
}

std::string check_listen_address(const std::string& text) {
  const base::Result<web::ListenAddress> address = web::parse_listen_address(text);
  return address ? std::string() : address.error().message;
}

// The flags as written; checked by CLI11, not yet converted.
struct WrittenFlags {
  std::vector<std::string> listen_addresses = {":10048"};
  std::string log_level = "info";
  std::string log_format = "logfmt";
};

void declare(CLI::App& app, Flags& flags, WrittenFlags& written) {
  app.add_option("--config.file", flags.config_file,
                 "YAML configuration; without one, every default holds and peers are discovered")
      ->type_name("PATH");
  app.add_flag("--config.check", flags.config_check,
               "validate the configuration files, print every problem, exit");
  app.add_flag("--healthcheck", flags.healthcheck,
               "ask the daemon that runs with the same flags whether it answers, exit 0 or 1");
  app.add_flag("--once", flags.once, "poll once, print the exposition on stdout, exit");
  app.add_option("--web.listen-address", written.listen_addresses,
                 "where to serve; repeatable; IPv4, [IPv6], or an empty host for all (:10048)")
      ->type_name("ADDR:PORT")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_listen_address, "", ""));
  app.add_option("--web.telemetry-path", flags.telemetry_path, "where the metrics are (/metrics)")
      ->type_name("PATH")
      ->check(CLI::Validator(check_telemetry_path, "", ""));
  app.add_option("--web.config.file", flags.web_config_file,
                 "YAML file with TLS, passwords and headers, as other exporters have it")
      ->type_name("PATH");
  app.add_flag("--web.systemd-socket", flags.systemd_socket,
               "serve the sockets that systemd passes, instead of --web.listen-address");
  app.add_flag("--web.enable-lifecycle", flags.enable_lifecycle,
               "let clients reload the configuration: POST /-/reload");
  app.add_option("--log.level", written.log_level, "debug, info, warn or error (info)")
      ->type_name("LEVEL")
      ->check(member_of(kLogLevels));
  app.add_option("--log.format", written.log_format, "logfmt or json, on stderr (logfmt)")
      ->type_name("FORMAT")
      ->check(member_of(kLogFormats));
}

}  // namespace

base::Result<Flags, program::EarlyExit> parse_flags(int argc, const char* const* argv) {
  Flags flags;
  WrittenFlags written;
  CLI::App app("How many more connections this host can open to each peer, as Prometheus metrics.",
               "timewait_exporter");
  declare(app, flags, written);
  if (auto early = program::parse_command_line(app, argc, argv)) return *std::move(early);
  for (const std::string& text : written.listen_addresses) {
    flags.listen_addresses.push_back(*web::parse_listen_address(text));
  }
  flags.log_level = kLogLevels.at(written.log_level);
  flags.log_format = kLogFormats.at(written.log_format);
  return flags;
}

}  // namespace timewait::daemon
