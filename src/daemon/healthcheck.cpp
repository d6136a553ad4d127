#include "daemon/healthcheck.h"

#include <chrono>
#include <string>

#include "daemon/endpoints.h"
#include "health/probe.h"
#include "inet/endpoint.h"

namespace timewait::daemon {
namespace {

constexpr std::chrono::seconds kLimit{3};  // for all addresses together

constexpr auto kLoopbackIpv4 = inet::Address::from_ipv4(0x7f000001);
constexpr auto kLoopbackIpv6 = inet::Address::from_ipv6(0, 1);

// Where to ask for what listens there. All addresses include the loopback ones; and where an empty
// host listens on IPv6, it takes IPv4 too.
inet::Endpoint reachable(const web::ListenAddress& listening) {
  const inet::Address address = listening.address.value_or(inet::kAnyIpv4);
  if (!address.is_unspecified()) return {address, listening.port};
  return {address.is_ipv4() ? kLoopbackIpv4 : kLoopbackIpv6, listening.port};
}

base::Error about(const web::ListenAddress& address, const std::string& what) {
  return {"--healthcheck: " + address.to_string() + ": " + what};
}

}  // namespace

base::Status<> check_health(const Flags& flags) {
  if (flags.systemd_socket) {
    return base::Error{
        "--healthcheck: cannot know where the sockets of systemd listen; instead of "
        "--web.systemd-socket give --web.listen-address"};
  }
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  const auto protocol = flags.web_config_file ? health::Protocol::kEither : health::Protocol::kHttp;
  for (const web::ListenAddress& address : flags.listen_addresses) {
    if (address.port == 0) return about(address, "cannot know which port the kernel has picked");
    const base::Status<> answered =
        health::probe(reachable(address), std::string(kHealthyPath), protocol, deadline);
    if (!answered) return about(address, answered.error().message);
  }
  return base::Ok{};
}

}  // namespace timewait::daemon
