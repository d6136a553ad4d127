// Whatever clients send, over several connections at once and in pieces: what is served is served
// to who may have it, anything else is answered with an error or by closing, and the next client is
// served as if nothing had been.
//
// An input is what is sent as it stands; but 0xff and a byte behind it: what comes next goes over
// which of the connections, and what is done with that one before.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>

#include "http_client.h"
#include "require.h"
#include "serving.h"

namespace timewait::web {
namespace {

// "user:secret", but for its last bits: a decoder may pass over some of them.
constexpr std::string_view kPassword = "dXNlcjpzZWNyZX";
constexpr const char* kPasswordHash =
    "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

Routes routes() {
  Routes made;
  made["/-/healthy"] = on_get([](const Request&) { return plain_text(200, "Healthy.\n"); });
  made["/-/reload"] = on_post([](const Request&) { return plain_text(200, "Reloaded.\n"); });
  made["/metrics"] = on_get([](const Request& request) {
    constexpr std::size_t kWorthCompressing = 8'000;
    return plain_text(200, std::string(kWorthCompressing, 'x') + request.accept);
  });
  return made;
}

Serving start(std::shared_ptr<const Access> access) {
  auto serving = serve({"127.0.0.1:0"}, routes(), std::move(access));
  require(serving.ok());
  return *std::move(serving);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

// What came over a connection, as answers: calls `see` with the status of each.
template <typename See>
void for_each_answer(std::string_view received, const See& see) {
  while (!received.empty()) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    const std::size_t head_end = received.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return;  // the rest is still on its way
    require(received.starts_with(kVersion));
    const std::string head(received.substr(0, head_end + 2));
    const long status = std::strtol(head.c_str() + kVersion.size(), nullptr, 10);
    see(status);
    received.remove_prefix(head_end + 4);
    const std::size_t length = head.find("Content-Length: ");
    if (length == std::string::npos) {
      require(status == 100);
      continue;
    }
    const std::size_t body = std::strtoul(head.c_str() + length + 16, nullptr, 10);
    received.remove_prefix(std::min(body, received.size()));
  }
}

// A client that says anything.
class Client {
 public:
  explicit Client(const std::string& address) : client_(address) { require(client_.connected()); }
  ~Client() { client_.reset(); }  // without a TIME_WAIT
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes) {
    sent_ += bytes;
    client_.send(bytes);
  }

  void end() { ::shutdown(client_.fd(), SHUT_WR); }

  void check(bool needs_password) {
    receive();
    // An answer to HEAD has the length of a body and none.
    if (sent_.find("HEAD") != std::string::npos) return;
    std::size_t served = 0;
    for_each_answer(received_, [&](long status) {
      require(status == 100 || status == 200 || (status >= 400 && status < 600));
      served += status == 200;
    });
    require(served <= count(sent_, "GET") + count(sent_, "POST"));
    require(served == 0 || !needs_password || sent_.find(kPassword) != std::string::npos);
  }

 private:
  // What is there.
  void receive() {
    std::array<char, 65536> buffer;
    for (;;) {
      const ssize_t size = ::recv(client_.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size <= 0) return;
      received_.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  HttpClient client_;
  std::string sent_;
  std::string received_;
};

class Session {
 public:
  Session(const Serving& serving, bool needs_password)
      : serving_(serving), needs_password_(needs_password) {}

  void play(std::string_view input) {
    constexpr char kSwitch = '\xff';
    while (!input.empty()) {
      if (input.front() == kSwitch) {
        if (input.size() < 2) break;
        switch_to(static_cast<unsigned char>(input[1]));
        input.remove_prefix(2);
      } else {
        const std::string_view piece = input.substr(0, input.find(kSwitch));
        current().send(piece);
        input.remove_prefix(piece.size());
      }
    }
    check_health();
    for (const auto& client : clients_) {
      if (client) client->check(needs_password_);
    }
  }

 private:
  void switch_to(unsigned char how) {
    number_ = how % clients_.size();
    switch (how / clients_.size() % 4) {
      case 0:
        return;
      case 1:
        return check_health();  // and give the server time to read what came before
      case 2:
        return current().end();
      default:
        clients_[number_].reset();
    }
  }

  Client& current() {
    std::unique_ptr<Client>& client = clients_[number_];
    if (!client) client = std::make_unique<Client>(serving_.bound.front());
    return *client;
  }

  void check_health() const {
    HttpClient honest(serving_.bound.front());
    require(honest.connected());
    const std::string password = "Authorization: Basic " + std::string(kPassword) + "Q=\r\n";
    require(honest.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\n" +
                        (needs_password_ ? password : "") + "\r\n"));
    const std::optional<HttpAnswer> answer = honest.read_answer();
    require(answer && answer->status == 200 && answer->body == "Healthy.\n");
    honest.reset();
    constexpr std::chrono::seconds kMost(5);
    require(serving_.ongoing->longest(OngoingWork::Clock::now()) < kMost);
  }

  const Serving& serving_;
  bool needs_password_;
  std::array<std::unique_ptr<Client>, 4> clients_;
  std::size_t number_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Serving kOpen = start(std::make_shared<Access>());
  static const Serving kLocked =
      start(std::make_shared<Access>(Access{nullptr, {{"user", kPasswordHash}}, {}, std::nullopt}));
  if (size == 0) return 0;
  const bool needs_password = (data[0] & 1) != 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  Session(needs_password ? kLocked : kOpen, needs_password).play(input);
  return 0;
}

}  // namespace timewait::web
