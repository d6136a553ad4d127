// What a poll might read, made of a fuzzer's choices: few addresses and ports, so that sockets meet
// in pools and at listeners, and any others. No two choices are arguments of one call: which is
// made first would be the compiler's choice.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/aggregator.h"
#include "choices.h"
#include "inet/address.h"
#include "inet/cidr.h"
#include "reading/socket_record.h"
#include "reading/tcp_counters.h"
#include "reading/tcp_settings.h"

class MadeReadings {
 public:
  explicit MadeReadings(Choices& choices) : choices_(choices) {}

  timewait::reading::TcpSettings settings() {
    timewait::reading::TcpSettings made;
    const bool is_narrow = choices_.yes();
    const auto first = choices_.number<std::uint16_t>();
    const std::size_t more = is_narrow ? choices_.below(64) : choices_.number<std::uint16_t>();
    made.ephemeral_ports = range(first, more);
    base_port_ = first;
    made.reserved_ports = ports();
    static constexpr std::array<std::optional<int>, 6> kReuse = {2, 1, 0, std::nullopt, -1, 3};
    made.tw_reuse = choices_.one_of(kReuse);
    // As the kernel lets it be set, and beyond.
    made.tw_reuse_delay = std::chrono::milliseconds(1 + choices_.number<std::uint32_t>() % 100'000);
    made.timestamps = !choices_.yes();
    made.max_tw_buckets = count();
    made.time_wait_slack = std::chrono::milliseconds(choices_.number<std::uint16_t>() % 8'192);
    return made;
  }

  timewait::inet::PortSet ports() {
    timewait::inet::PortSet made;
    for (std::size_t left = choices_.below(4); left > 0; --left) {
      made.insert(some_range(16));
    }
    return made;
  }

  timewait::reading::TcpCounters counters() {
    timewait::reading::TcpCounters made;
    made.time_wait_entered = count();
    made.time_wait_overflow = count();
    made.listen_overflows = count();
    made.time_wait_sockets = count();
    return made;
  }

  timewait::analysis::Rules rules() {
    timewait::analysis::Rules made;
    made.peers = named_rules("peer");
    made.listeners = named_rules("listener");
    made.max_discovered_peers = static_cast<std::uint32_t>(choices_.below(5));
    if (choices_.yes()) made.own_listeners = {endpoint()};
    return made;
  }

  // Of one state, on neighbouring ports of one pool or listener.
  std::vector<timewait::reading::SocketRecord> sockets() {
    timewait::reading::SocketRecord socket;
    socket.state = static_cast<timewait::inet::TcpState>(1 + choices_.below(11));
    socket.local = endpoint();
    socket.remote = endpoint();
    socket.interface = static_cast<std::uint32_t>(choices_.below(3));
    socket.cookie = 1 + choices_.number<std::uint16_t>();
    socket.ipv6_only = choices_.yes();
    socket.time_wait_left = std::chrono::milliseconds(choices_.number<std::uint16_t>() % 60'001);
    socket.accept_queue = choices_.number<std::uint16_t>();
    if (choices_.yes()) socket.accept_queue_limit = choices_.number<std::uint16_t>();

    std::vector<timewait::reading::SocketRecord> made;
    const std::chrono::milliseconds older(choices_.number<std::uint16_t>());
    for (std::size_t left = 1 + choices_.below(64); left > 0; --left) {
      made.push_back(socket);
      ++socket.local.port;
      ++socket.cookie;
      socket.time_wait_left = std::max(socket.time_wait_left - older, std::chrono::milliseconds(0));
    }
    return made;
  }

  // How long it takes to the next poll.
  std::chrono::milliseconds pause() {
    static constexpr std::array kUsual = {5'000, 0, 1, 1'000, 2'100, 59'000, 600'000};
    if (choices_.yes()) return std::chrono::milliseconds(choices_.one_of(kUsual));
    return std::chrono::milliseconds(choices_.number<std::uint16_t>() * 20);
  }

  timewait::inet::Address address() {
    using timewait::inet::Address;
    static constexpr std::array kFew = {Address::from_ipv4(0x0a000001),
                                        Address::from_ipv4(0x0a000002),
                                        Address::from_ipv4(0x7f000001),
                                        Address::from_ipv6(0, 1),
                                        Address::from_ipv6(0xfe80ull << 48, 1),
                                        timewait::inet::kAnyIpv4,
                                        timewait::inet::kAnyIpv6};
    const std::size_t which = choices_.below(kFew.size() + 1);
    if (which < kFew.size()) return kFew[which];
    const auto high = choices_.number<std::uint64_t>();
    return Address::from_ipv6(high, choices_.number<std::uint64_t>());
  }

 private:
  static timewait::inet::PortRange range(std::uint16_t first, std::size_t more) {
    return {first, static_cast<std::uint16_t>(std::min<std::size_t>(first + more, 65535))};
  }

  timewait::inet::PortRange some_range(std::size_t most) {
    const std::uint16_t first = port();
    return range(first, choices_.below(most));
  }

  std::uint16_t port() {
    if (choices_.yes()) return choices_.number<std::uint16_t>();
    return static_cast<std::uint16_t>(base_port_ + choices_.below(64));
  }

  timewait::inet::Endpoint endpoint() { return {address(), port()}; }

  // A number of the kernel's: not known, small or any.
  std::optional<std::uint64_t> count() {
    switch (choices_.below(3)) {
      case 0:
        return std::nullopt;
      case 1:
        return choices_.number<std::uint8_t>();
      default:
        return choices_.number<std::uint64_t>();
    }
  }

  std::vector<timewait::inet::NamedRule> named_rules(const std::string& name) {
    std::vector<timewait::inet::NamedRule> made;
    const std::size_t first = choices_.below(3);
    const std::size_t end = first + choices_.below(4);
    for (std::size_t number = first; number < end; ++number) {
      made.push_back({name + "-" + std::to_string(number), {}});
      for (std::size_t left = 1 + choices_.below(2); left > 0; --left) {
        made.back().match.push_back(matcher());
      }
    }
    return made;
  }

  timewait::inet::EndpointMatcher matcher() {
    using timewait::inet::Cidr;
    static const std::array kNetworks = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("10.0.0.1"),
                                         *Cidr::parse("::/0"), *Cidr::parse("0.0.0.0/0")};
    timewait::inet::EndpointMatcher made;
    switch (choices_.below(3)) {
      case 0:
        made.ports = some_range(64);
        break;
      case 1:
        made.addresses = choices_.one_of(kNetworks);
        break;
      default:
        made.host = "database";
        made.host_addresses = {address(), address()};
        std::sort(made.host_addresses.begin(), made.host_addresses.end());
    }
    return made;
  }

  Choices& choices_;
  std::uint16_t base_port_ = 0;  // near to which most ports are
};
