#include "resolve/lookup.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>

#include <ares.h>
#include <sys/time.h>

#include "inet/socket_address.h"

namespace timewait::resolve {
namespace {

using std::chrono::milliseconds;

constexpr int kTries = 2;

struct InfoDeleter {
  void operator()(ares_addrinfo* info) const { ares_freeaddrinfo(info); }
};

// c-ares counts the calls without a lock. On Linux there is nothing to clean up.
int init_library() {
  static const int kStatus = ares_library_init(ARES_LIB_INIT_ALL);
  return kStatus;
}

// Without ARES_FLAG_EDNS: where a server does not know EDNS, c-ares 1.18 repeats the first of two
// queries without it, and fails the second.
int init_channel(ares_channel* channel, Options options) {
  ares_options ares{};
  ares.timeout = static_cast<int>(options.timeout.count());
  ares.tries = kTries;
  ares.udp_port = options.server_port;  // in host order, whatever the manual says
  ares.tcp_port = options.server_port;
  ares.resolvconf_path = options.resolv_conf.data();
  return ares_init_options(channel, &ares,
                           ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_UDP_PORT |
                               ARES_OPT_TCP_PORT | ARES_OPT_RESOLVCONF);
}

base::Error failure(int status) {
  // Which is c-ares' word for answers like SERVFAIL, too.
  if (status == ARES_ECONNREFUSED) return {"Could not contact DNS servers, or none would answer"};
  return {ares_strerror(status)};
}

std::optional<inet::Address> address_of(const ares_addrinfo_node& node) {
  if (node.ai_family != AF_INET && node.ai_family != AF_INET6) return std::nullopt;
  inet::SocketAddress address;
  address.size = std::min(node.ai_addrlen, address.size);
  std::memcpy(&address.storage, node.ai_addr, address.size);
  return inet::to_endpoint(address).address;
}

base::Result<Answer> to_answer(const ares_addrinfo& found) {
  Answer answer;
  int ttl_s = std::numeric_limits<int>::max();
  for (const ares_addrinfo_node* node = found.nodes; node != nullptr; node = node->ai_next) {
    if (const std::optional<inet::Address> address = address_of(*node)) {
      answer.addresses.push_back(*address);
    }
    ttl_s = std::min(ttl_s, node->ai_ttl);
  }
  if (answer.addresses.empty()) return failure(ARES_ENODATA);
  for (const ares_addrinfo_cname* cname = found.cnames; cname != nullptr; cname = cname->next) {
    ttl_s = std::min(ttl_s, cname->ttl);
  }
  answer.ttl = std::chrono::seconds(std::max(ttl_s, 0));  // RFC 2181 8: the top bit means 0
  return answer;
}

}  // namespace

Lookup::Lookup(const std::string& name, const Options& options) {
  int status = init_library();
  if (status == ARES_SUCCESS) status = init_channel(&channel_, options);
  if (status != ARES_SUCCESS) {
    outcome_ = failure(status);
    return;
  }
  ares_addrinfo_hints hints{};
  hints.ai_flags = ARES_AI_NOSORT;  // sorting connects sockets to every address
  hints.ai_family = AF_UNSPEC;
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &Lookup::on_end, this);
}

Lookup::~Lookup() { ares_destroy(channel_); }

void Lookup::on_end(void* lookup, int status, int, ares_addrinfo* found) noexcept {
  const std::unique_ptr<ares_addrinfo, InfoDeleter> owned(found);
  std::optional<base::Result<Answer>>& outcome = static_cast<Lookup*>(lookup)->outcome_;
  if (status == ARES_SUCCESS) {
    outcome = to_answer(*found);
  } else {
    outcome = failure(status);
  }
}

void Lookup::watch(std::vector<pollfd>& sockets) const {
  if (channel_ == nullptr) return;
  // Enough for eight servers, each by UDP and TCP; what is beyond has its time-out.
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> fds{};
  const int wanted = ares_getsock(channel_, fds.data(), static_cast<int>(fds.size()));
  for (std::size_t i = 0; i < fds.size(); ++i) {
    int events = 0;
    if (ARES_GETSOCK_READABLE(wanted, i)) events |= POLLIN;
    if (ARES_GETSOCK_WRITABLE(wanted, i)) events |= POLLOUT;
    if (events != 0) sockets.push_back({fds[i], static_cast<short>(events), 0});
  }
}

milliseconds Lookup::patience() const {
  timeval left{};
  if (outcome_ || ares_timeout(channel_, nullptr, &left) == nullptr) return milliseconds(0);
  // c-ares rounds down: without the millisecond more, the last one would be spent spinning.
  return std::chrono::duration_cast<milliseconds>(std::chrono::seconds(left.tv_sec) +
                                                  std::chrono::microseconds(left.tv_usec)) +
         milliseconds(1);
}

void Lookup::go_on(std::span<const pollfd> sockets) {
  if (channel_ == nullptr) return;
  for (const pollfd& socket : sockets) {
    if (socket.revents == 0) continue;
    const bool readable = (socket.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    const bool writable = (socket.revents & POLLOUT) != 0;
    ares_process_fd(channel_, readable ? socket.fd : ARES_SOCKET_BAD,
                    writable ? socket.fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what was not answered in time
}

}  // namespace timewait::resolve
