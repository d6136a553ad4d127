// Servers for tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/server.h"

namespace timewait::web {

struct Serving {
  std::unique_ptr<OngoingWork> ongoing;
  Server server;
  std::vector<std::string> bound;  // "127.0.0.1:40123", in the order of the addresses
};

inline base::Result<Serving> serve(const std::vector<std::string>& addresses, Routes routes,
                                   std::shared_ptr<const Access> access = nullptr) {
  std::vector<ListenAddress> listen_addresses;
  listen_addresses.reserve(addresses.size());
  for (const std::string& text : addresses) {
    listen_addresses.push_back(*parse_listen_address(text));
  }
  base::Result<std::vector<ListeningSocket>> sockets = open_listening_sockets(listen_addresses);
  if (!sockets) return sockets.error();
  std::vector<std::string> bound;
  bound.reserve(sockets->size());
  for (const ListeningSocket& socket : *sockets) bound.push_back(socket.bound.to_string());
  if (!access) access = std::make_shared<Access>();
  auto ongoing = std::make_unique<OngoingWork>();
  base::Result<Server> server = Server::start(
      *std::move(sockets), std::move(routes), [access] { return access; }, *ongoing);
  if (!server) return server.error();
  return Serving{std::move(ongoing), *std::move(server), std::move(bound)};
}

}  // namespace timewait::web
