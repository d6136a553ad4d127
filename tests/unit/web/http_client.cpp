#include "http_client.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstring>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "web/listen_address.h"

namespace timewait::web {
namespace {

constexpr std::chrono::seconds kDeadline(10);

bool wait_until(int fd, short events) {
  pollfd waiting{fd, events, 0};
  return ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(kDeadline).count())) == 1;
}

base::UniqueFd connect_to(const std::string& text) {
  const base::Result<ListenAddress> parsed = parse_listen_address(text);
  if (!parsed || !parsed->address) return {};
  sockaddr_in6 ipv6{};
  sockaddr_in ipv4{};
  sockaddr* address = nullptr;
  socklen_t size = 0;
  if (parsed->address->is_ipv4()) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(parsed->port);
    std::memcpy(&ipv4.sin_addr, parsed->address->bytes().data() + 12, 4);
    address = reinterpret_cast<sockaddr*>(&ipv4);
    size = sizeof(ipv4);
  } else {
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(parsed->port);
    std::memcpy(&ipv6.sin6_addr, parsed->address->bytes().data(), 16);
    address = reinterpret_cast<sockaddr*>(&ipv6);
    size = sizeof(ipv6);
  }
  base::UniqueFd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), address, size) != 0) return {};
  return fd;
}

}  // namespace

HttpClient::HttpClient(const std::string& address) : fd_(connect_to(address)) {}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_until(fd_.get(), POLLOUT)) return false;
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::receive_more() {
  std::array<char, 65536> buffer;
  if (!wait_until(fd_.get(), POLLIN)) return false;
  const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (size <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<HttpAnswer> HttpClient::read_head() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more()) return std::nullopt;
  }
  HttpAnswer answer;
  const std::string head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  if (head.rfind("HTTP/1.", 0) != 0 || head.size() < 12) return std::nullopt;
  answer.status = std::stoi(head.substr(9, 3));
  for (std::size_t line = head.find("\r\n") + 2; line < head.size();) {
    const std::size_t line_end = head.find("\r\n", line);
    const std::size_t colon = head.find(": ", line);
    std::string name = head.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers[name] = head.substr(colon + 2, line_end - colon - 2);
    line = line_end + 2;
  }
  return answer;
}

std::optional<HttpAnswer> HttpClient::read_answer() {
  std::optional<HttpAnswer> answer = read_head();
  if (!answer || !answer->headers.contains("content-length")) return std::nullopt;
  const std::size_t size = std::stoul(answer->header("content-length"));
  while (received_.size() < size) {
    if (!receive_more()) return std::nullopt;
  }
  answer->body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

std::optional<HttpAnswer> HttpClient::read_answer_to_head() { return read_head(); }

bool HttpClient::wait_for_end() {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  std::array<char, 65536> buffer;
  while (std::chrono::steady_clock::now() < deadline && wait_until(fd_.get(), POLLIN)) {
    if (::recv(fd_.get(), buffer.data(), buffer.size(), 0) <= 0) return true;
  }
  return false;
}

bool HttpClient::was_reset() const {
  pollfd waiting{fd_.get(), 0, 0};
  return ::poll(&waiting, 1, 0) == 1 && (waiting.revents & POLLERR) != 0;
}

void HttpClient::reset() {
  const linger reset_on_close{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof(reset_on_close));
  base::UniqueFd closes_it(fd_.release());
}

std::optional<HttpAnswer> get(const std::string& address, const std::string& path,
                              const std::string& headers) {
  HttpClient client(address);
  if (!client.connected()) return std::nullopt;
  if (!client.send("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n")) {
    return std::nullopt;
  }
  return client.read_answer();
}

}  // namespace timewait::web
