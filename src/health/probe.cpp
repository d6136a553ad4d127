#include "health/probe.h"

#include <array>
#include <optional>
#include <string_view>

#include "health/socket.h"
#include "health/tls_session.h"
#include "inet/decimal.h"

namespace timewait::health {
namespace {

constexpr std::string_view kAnyStatus = "HTTP/1.1 200";

// Of the beginning of an answer; nothing if that is not HTTP.
std::optional<int> status_in(std::string_view answer) {
  if (answer.size() < kAnyStatus.size() || !answer.starts_with("HTTP/1.")) return std::nullopt;
  return inet::parse_decimal<int>(answer.substr(kAnyStatus.size() - 3, 3));
}

// The status that `channel`, a Socket or what runs on one, brings; nothing if it brings no HTTP.
template <typename Channel>
base::Result<std::optional<int>> ask(Channel& channel, const std::string& path) {
  const base::Status<> sent = channel.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  if (!sent) return sent.error();
  std::array<char, kAnyStatus.size()> answer{};
  std::size_t size = 0;
  while (size < answer.size()) {
    const base::Result<std::size_t> received = channel.receive(std::span(answer).subspan(size));
    if (!received) return received.error();
    if (*received == 0) break;
    size += *received;
  }
  return status_in({answer.data(), size});
}

base::Status<> judge(const std::optional<int>& status) {
  if (!status) return base::Error{"the answer is not HTTP"};
  const bool alive = *status == 200 || *status == 401 || *status == 429;
  if (!alive) return base::Error{"the answer has status " + std::to_string(*status)};
  return base::Ok{};
}

base::Status<> probe_tls(const inet::Endpoint& server, const std::string& path,
                         Socket::Clock::time_point deadline) {
  const base::Result<Socket> socket = Socket::connect(server, deadline);
  if (!socket) return socket.error();
  TlsSession session(*socket);
  const base::Result<std::optional<int>> status = ask(session, path);
  if (status) return judge(*status);
  if (session.was_turned_away()) return base::Ok{};
  return status.error();
}

}  // namespace

base::Status<> probe(const inet::Endpoint& server, const std::string& path, Protocol protocol,
                     Socket::Clock::time_point deadline) {
  const base::Result<Socket> socket = Socket::connect(server, deadline);
  if (!socket) return socket.error();
  const base::Result<std::optional<int>> status = ask(*socket, path);
  if (status && *status) return judge(*status);
  // In this order: who speaks TLS knows at the first byte that this is none, but who speaks HTTP
  // waits for the end of a line.
  if (protocol == Protocol::kEither && Socket::Clock::now() < deadline) {
    return probe_tls(server, path, deadline);
  }
  if (!status) return status.error();
  return judge(*status);
}

}  // namespace timewait::health
