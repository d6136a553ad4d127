#include "daemon/healthcheck.h"

#include <chrono>
#include <string>

#include "daemon/endpoints.h"
#include "health/probe.h"
#include "inet/endpoint.h"

namespace timewait::daemon {
namespace {

constexpr std::chrono::seconds kLimit{3};  // for all addresses together

constexpr auto kLoopback = inet::Address::from_ipv4(0x7f000001);

// Where to ask for what listens there. All addresses include the loopback ones, those of IPv6 also
// that of IPv4: web::ListeningSocket takes both.
inet::Endpoint reachable(const web::ListenAddress& listening) {
  const bool is_one = listening.address && !listening.address->is_unspecified();
  return {is_one ? *listening.address : kLoopback, listening.port};
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
