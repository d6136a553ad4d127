// Who may talk to the server, and how: what an operator's web configuration says. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace timewait::tls {
class ServerContext;
}

namespace timewait::web {

// A token bucket for the requests of all clients of a listening address together.
struct RateLimit {
  std::chrono::nanoseconds interval{0};  // above 0; one more request is allowed after each
  std::uint32_t burst = 1;               // and so many at once after a pause

  bool operator==(const RateLimit&) const = default;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Access {
  std::shared_ptr<const tls::ServerContext> tls;          // null: plain HTTP
  std::map<std::string, std::string, std::less<>> users;  // bcrypt hashes by name; none: everybody
  Headers headers;  // added to every response; they replace the server's own of the same name
  std::optional<RateLimit> rate_limit;
};

// What holds now. Called for each new connection and each request, so it is quick; thread-safe;
// never null. Whether there is TLS may not change.
using AccessSource = std::function<std::shared_ptr<const Access>()>;

}  // namespace timewait::web
