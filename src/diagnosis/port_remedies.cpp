#include "diagnosis/port_remedies.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "analysis/wording.h"
#include "diagnosis/commands.h"
#include "inet/port_range.h"

namespace timewait::diagnosis {
namespace {

using analysis::Pool;
using analysis::Snapshot;

// A range that takes every port but those of the usual servers.
constexpr inet::PortRange kWideRange{15'000, 64'999};
// Servers that nginx is no proxy for: those of PostgreSQL, MySQL, Oracle, SQL Server, MongoDB,
// Redis, memcached.
bool is_database(std::uint16_t port) {
  constexpr std::array<std::uint16_t, 7> kPorts = {5432, 3306, 1521, 1433, 27017, 6379, 11211};
  return std::find(kPorts.begin(), kPorts.end(), port) != kPorts.end();
}

bool is_https(std::uint16_t port) {
  constexpr std::array<std::uint16_t, 2> kPorts = {443, 8443};
  return std::find(kPorts.begin(), kPorts.end(), port) != kPorts.end();
}

// "server 10.0.0.9:8080;" for each of the peer's remote ends that is known, this pool's first.
std::vector<std::string> upstream_servers(const Pool& pool, const Snapshot& snapshot) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> servers = {"    server " + pool.key.remote.to_string() + ";"};
  if (pool.peer == analysis::kOtherPeers) return servers;
  for (const Pool& other : snapshot.pools) {
    if (other.peer != pool.peer || servers.size() == kMost) continue;
    std::string server = "    server " + other.key.remote.to_string() + ";";
    if (std::find(servers.begin(), servers.end(), server) == servers.end()) {
      servers.push_back(std::move(server));
    }
  }
  return servers;
}

Remedy nginx_keepalive(const Pool& pool, const Snapshot& snapshot) {
  std::vector<std::string> lines = upstream_servers(pool, snapshot);
  lines.insert(lines.begin(), "upstream app {");
  const std::string scheme = is_https(pool.key.remote.port) ? "https" : "http";
  lines.insert(lines.end(), {"    keepalive 64;", "    keepalive_timeout 15s;", "}", "location / {",
                             "    proxy_pass " + scheme + "://app;", "    proxy_http_version 1.1;",
                             "    proxy_set_header Connection \"\";", "}"});
  return {.what = "If nginx opens them: let it keep its connections and use them again.",
          .where = "nginx's configuration, the upstream in http, the location in server",
          .lines = std::move(lines),
          .caution =
              "keepalive_timeout must be less than the application's own (Tomcat's is "
              "20 s); then \"nginx -s reload\"."};
}

Remedy http_client(const Pool& pool) {
  return {.what =
              "Any other client: make one for the life of the program, not one for each "
              "request, and let it keep as many idle connections as are busy at peak.",
          .where = "the program that \"ss -Htnp " + toward(pool.key.remote) +
                   "\" shows; with Apache HttpClient 5, for example",
          .lines = {"PoolingHttpClientConnectionManagerBuilder.create()",
                    "    .setMaxConnPerRoute(50).setMaxConnTotal(200)"},
          .caution = "Read each response to its end, or its connection cannot be used again."};
}

Remedy database_pool(const Pool& pool) {
  return {
      .what =
          "Use a connection pool, made once, that keeps as many idle connections as are "
          "busy at peak.",
      .where = "the program that \"ss -Htnp " + toward(pool.key.remote) +
               "\" shows; with HikariCP, or Tomcat's own pool",
      .lines = {"config.setMaximumPoolSize(20);", R"(maxActive="20" maxIdle="20" minIdle="20")"},
      .caution = "A pool that keeps fewer (maxIdle, minimumIdle) opens and closes all day."};
}

// Those that are reserved, and those of the wide range that something listens on now.
inet::PortSet to_be_reserved(const Snapshot& snapshot) {
  inet::PortSet ports = snapshot.settings.reserved_ports;
  for (const analysis::Listener& listener : snapshot.listeners) {
    for (const std::uint16_t port : listener.ports) {
      if (kWideRange.contains(port)) ports.insert(port);
    }
  }
  return ports;
}

}  // namespace

std::string place_of_sysctls(const std::string& netns) {
  if (netns.empty()) {
    return "as root, in this network namespace; to keep it over a boot, without \"sysctl -w\" in "
           "/etc/sysctl.d/60-local-ports.conf";
  }
  return "as root" + analysis::in_namespace(netns) +
         "; a container's for good by Docker's --sysctl or the pod's securityContext.sysctls";
}

std::vector<Remedy> keep_open(const Pool& pool, const Snapshot& snapshot) {
  if (is_database(pool.key.remote.port)) return {database_pool(pool)};
  return {nginx_keepalive(pool, snapshot), http_client(pool)};
}

Remedy limit_open(const Pool& pool) {
  if (is_database(pool.key.remote.port)) {
    return {
        .what = "Give its connection pool a limit, and share one pool in the whole program.",
        .where = "the program that has them; with HikariCP",
        .lines = {"config.setMaximumPoolSize(20);", "config.setLeakDetectionThreshold(60_000);"},
        .caution = ""};
  }
  return {.what = "Give its clients a limit, and share one client in the whole program.",
          .where = "the program that has them; with Apache HttpClient 5",
          .lines = {".setMaxConnPerRoute(50).setMaxConnTotal(200)",
                    ".evictIdleConnections(TimeValue.ofSeconds(15))"},
          .caution = ""};
}

std::optional<Remedy> reuse(const Pool& pool, const Snapshot& snapshot, const std::string& netns) {
  const reading::TcpSettings& settings = snapshot.settings;
  const bool is_loopback = pool.key.local.is_loopback() || pool.key.remote.address.is_loopback();
  const bool is_allowed = settings.tw_reuse == 1 || (settings.tw_reuse == 2 && is_loopback);
  if (!settings.tw_reuse || is_allowed == settings.timestamps) return std::nullopt;
  if (is_allowed) {
    return Remedy{.what =
                      "Turn TCP timestamps on: without them the kernel gives no port in "
                      "TIME_WAIT to a new connection, although net.ipv4.tcp_tw_reuse allows it.",
                  .where = place_of_sysctls(netns),
                  .lines = {sysctl("net.ipv4.tcp_timestamps", "1")},
                  .caution = ""};
  }
  const std::string delay =
      analysis::duration_in_words(std::chrono::duration<double>(settings.tw_reuse_delay).count());
  return Remedy{
      .what = "Let the kernel give a port in TIME_WAIT to a new connection after " + delay +
              "; works at once.",
      .where = place_of_sysctls(netns),
      .lines = {sysctl("net.ipv4.tcp_tw_reuse", is_loopback ? "2" : "1")},
      .caution = is_loopback ? ""
                             : "Not where a NAT gateway, firewall or load balancer is between: it "
                               "may remember the old connection and drop the new one, and "
                               "connect() hangs. The peer must have TCP timestamps, too."};
}

std::optional<Remedy> widen(const Snapshot& snapshot, const std::string& netns) {
  constexpr double kWorthwhile = 1.25;
  const inet::PortSet reserved = to_be_reserved(snapshot);
  const std::uint32_t usable = kWideRange.size() - reserved.count_in(kWideRange);
  const std::uint32_t usable_now = snapshot.ephemeral_ports - snapshot.ephemeral_ports_reserved;
  if (usable <= kWorthwhile * usable_now) return std::nullopt;
  Remedy remedy{.what = "Widen the range to " + analysis::in_words(usable) +
                        " ports that can be used; works at once.",
                .where = place_of_sysctls(netns),
                .lines = {},
                .caution = "It buys room, and takes no cause away."};
  if (reserved.size() > snapshot.settings.reserved_ports.size()) {
    remedy.lines.push_back(reserve(reserved));
    remedy.caution +=
        " What listens in the new range now is reserved by the first line, with what was reserved "
        "before; add what is stopped at the moment.";
  }
  remedy.lines.push_back(sysctl(
      "net.ipv4.ip_local_port_range",
      "\"" + std::to_string(kWideRange.first) + " " + std::to_string(kWideRange.last) + "\""));
  return remedy;
}

Remedy more_addresses(const Pool& pool) {
  return {.what =
              "Connect to a second address or port of the peer, or from a second address of "
              "this host: each pair has all the ports for itself.",
          .where = "in nginx a second server line beside \"server " + pool.key.remote.to_string() +
                   ";\", or proxy_bind",
          .lines = {},
          .caution = "A program that chooses its own address must set IP_BIND_ADDRESS_NO_PORT."};
}

}  // namespace timewait::diagnosis
