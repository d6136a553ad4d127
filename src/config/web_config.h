// The web configuration, --web.config.file: TLS, passwords, headers and a rate limit, in the format
// of Prometheus's exporter-toolkit. What that has and this server has not is a problem, and never
// passed over. Thread-safe: no state outside the arguments.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/load.h"
#include "tls/server_context.h"

namespace timewait::config {

// A token bucket for the requests of all clients together.
struct RateLimit {
  std::chrono::nanoseconds interval;  // until another request is allowed: above 0
  std::uint32_t burst;                // requests that may come at once: 1 or more
};

struct WebConfig {
  std::shared_ptr<const tls::ServerContext> tls;  // nullptr: plain HTTP, as no TLS is configured
  // Names and bcrypt hashes, as crypt_r(3) takes them. None: no password is asked for. Names are
  // not empty and hold neither ':' nor a control character.
  std::map<std::string, std::string> users;
  // For every response. The values are not empty and hold no control character.
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<RateLimit> rate_limit;
};

struct WebConfigLoad {
  base::Result<WebConfig, LoadFailure> config;
  // Every file that was read, or could not be: the configuration itself and those that it names.
  // While none of them changes, to load it again yields the same, failures included.
  std::vector<std::string> files;
};

// Reads the file and those that it names; each is a regular file of at most 1 MiB. Relative paths
// in it are relative to its folder. `unreadable` in the failure means the file itself; one that it
// names is a problem at the key that names it. No message holds a key or a password hash.
WebConfigLoad load_web_config(const std::string& path);

// Reads a file whole, or says why not: "No such file or directory".
using FileReader = std::function<base::Result<std::string>(const std::string& path)>;

// The same of a text that stands in `path`; `read` is asked for the files that it names.
WebConfigLoad parse_web_config(std::string_view yaml, const std::string& path,
                               const FileReader& read);

}  // namespace timewait::config
