#include "diagnosis/port_remedies.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "analysis/port_rules.h"
#include "analysis/wording.h"
#include "diagnosis/commands.h"
#include "diagnosis/reservation.h"

namespace timewait::diagnosis {
namespace {

using analysis::Pool;
using analysis::Snapshot;

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

// proxy_pass to an upstream makes its name the Host header, and for TLS the server's name.
Remedy nginx_keepalive(const Pool& pool, const Snapshot& snapshot) {
  std::vector<std::string> lines = upstream_servers(pool, snapshot);
  lines.insert(lines.begin(), "upstream app {");
  lines.insert(lines.end(),
               {"    keepalive 64;", "    keepalive_timeout 15s;", "}", "location / {"});
  if (is_https(pool.key.remote.port)) {
    lines.insert(lines.end(), {"    proxy_pass https://app;", "    proxy_set_header Host NAME;",
                               "    proxy_ssl_server_name on;", "    proxy_ssl_name NAME;"});
  } else {
    lines.insert(lines.end(), {"    proxy_pass http://app;", "    proxy_set_header Host $host;"});
  }
  lines.insert(lines.end(),
               {"    proxy_http_version 1.1;", "    proxy_set_header Connection \"\";", "}"});
  const std::string name =
      is_https(pool.key.remote.port) ? "NAME is the host name that proxy_pass has now. " : "";
  return {
      .what = "If nginx opens them: let it keep its connections and use them again.",
      .where =
          "nginx's configuration: the upstream in http, the other lines among those that "
          "the location has",
      .lines = std::move(lines),
      .caution = name +
                 "A Host header that is set there already stays as it is. keepalive_timeout "
                 "must be less than the application's own (Tomcat's is 20 s). Then \"nginx -t\" "
                 "and \"nginx -s reload\"."};
}

// Each of the connections is there for a moment, and in TIME_WAIT it has no program.
std::string find_clients(const Pool& pool, const Place& place) {
  const std::string look = "ss -Htnp " + toward(pool.key.remote);
  return place.command("timeout 5 sh -c 'while :; do " + look + "; done'" + kByProgram);
}

Remedy http_client(const Pool& pool, const Place& place) {
  return {.what =
              "Any other client: create it once, for the life of the program, and let it keep "
              "as many idle connections as are busy at peak.",
          .where = "the program that the first line shows, " + place.as_root() +
                   "; the others are for Apache HttpClient 5, for example",
          .lines = {find_clients(pool, place), "PoolingHttpClientConnectionManagerBuilder.create()",
                    "    .setMaxConnPerRoute(50).setMaxConnTotal(200)"},
          .caution = "Read each response to its end, or its connection cannot be used again."};
}

Remedy database_pool(const Pool& pool, const Place& place) {
  return {.what =
              "Use a connection pool, made once, that keeps as many idle connections as are "
              "busy at peak.",
          .where = "the program that the first line shows, " + place.as_root() +
                   "; the others are for HikariCP and for Tomcat's own pool",
          .lines = {find_clients(pool, place), "config.setMaximumPoolSize(20);",
                    R"(maxActive="20" maxIdle="20" minIdle="20")"},
          .caution = "A pool that keeps fewer (maxIdle, minimumIdle) opens and closes all day."};
}

}  // namespace

std::vector<Remedy> keep_open(const Pool& pool, const Snapshot& snapshot, const Place& place) {
  if (is_database(pool.key.remote.port)) return {database_pool(pool, place)};
  return {nginx_keepalive(pool, snapshot), http_client(pool, place)};
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

std::optional<Remedy> reuse(const Pool& pool, const Snapshot& snapshot, const Place& place) {
  const reading::TcpSettings& settings = snapshot.settings;
  const inet::Address& local = pool.key.local;
  const inet::Address& remote = pool.key.remote.address;
  reading::TcpSettings with_timestamps = settings;
  with_timestamps.timestamps = true;
  const bool is_allowed = analysis::may_reuse(local, remote, with_timestamps);
  if (!settings.tw_reuse || is_allowed == settings.timestamps) return std::nullopt;
  if (is_allowed) {
    return Remedy{
        .what =
            "Turn TCP timestamps on: without them the kernel gives no port in TIME_WAIT to a "
            "new connection, although net.ipv4.tcp_tw_reuse allows it.",
        .where = place.of_sysctls(),
        .lines = {place.sysctl("net.ipv4.tcp_timestamps", "1")},
        .caution = ""};
  }
  const bool is_loopback = local.is_loopback() || remote.is_loopback();
  const std::string delay =
      analysis::duration_in_words(std::chrono::duration<double>(settings.tw_reuse_delay).count());
  return Remedy{
      .what = "Let the kernel give a port in TIME_WAIT to a new connection after " + delay + ".",
      .where = place.of_sysctls(),
      .lines = {place.sysctl("net.ipv4.tcp_tw_reuse", is_loopback ? "2" : "1")},
      .caution = is_loopback ? ""
                             : "Not where a NAT gateway, firewall or load balancer is between: it "
                               "may remember the old connection and drop the new one, and "
                               "connect() hangs. The peer must have TCP timestamps, too."};
}

std::optional<Remedy> widen(const Snapshot& snapshot, const Place& place) {
  constexpr double kWorthwhile = 1.25;
  const Reservation reservation(snapshot);
  const std::uint32_t usable = kWideRange.size() - reservation.ports().count_in(kWideRange);
  const std::uint32_t usable_now = snapshot.ephemeral_ports - snapshot.ephemeral_ports_reserved;
  if (usable <= kWorthwhile * usable_now || !reservation.is_possible()) return std::nullopt;
  Remedy remedy{
      .what = "Widen the range to " + analysis::in_words(usable) + " ports that can be used.",
      .where = place.of_sysctls(),
      .lines = {},
      .caution =
          "Add to ip_local_reserved_ports what listens in the new range and is "
          "stopped at the moment; on a Kubernetes node also 30000-32767, its "
          "NodePorts."};
  if (reservation.is_change()) remedy.lines.push_back(reservation.line(place));
  remedy.lines.push_back(place.sysctl(
      "net.ipv4.ip_local_port_range",
      "\"" + std::to_string(kWideRange.first) + " " + std::to_string(kWideRange.last) + "\""));
  return remedy;
}

Remedy more_addresses(const Pool& pool) {
  const bool is_proxied = !is_database(pool.key.remote.port);
  return {.what =
              "Connect to a second address or port of the peer, or from a second address of "
              "this host: each pair has all the ports for itself.",
          .where = is_proxied ? "in nginx a second server line beside \"server " +
                                    pool.key.remote.to_string() + ";\", or proxy_bind"
                              : "the program that connects",
          .lines = {},
          .caution = "A program that chooses its own address must set IP_BIND_ADDRESS_NO_PORT."};
}

}  // namespace timewait::diagnosis
