// One attempt to learn the addresses of a name, from /etc/hosts or the DNS: the order of
// /etc/nsswitch.conf, the servers and the search list of resolv.conf, TCP for what UDP truncates.
//
// Built on c-ares, with a channel for each lookup: a channel reads resolv.conf only when it is
// made, and sockets of its own mean a source port that nobody who forges answers knows.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <poll.h>

#include "base/result.h"
#include "inet/address.h"
#include "resolve/options.h"

struct ares_addrinfo;
struct ares_channeldata;

namespace timewait::resolve {

struct Answer {
  std::vector<inet::Address> addresses;  // at least one; in any order, some may be there twice
  std::chrono::seconds ttl{0};           // the shortest of all records; 0 for names of /etc/hosts
};

// Not thread-safe. Never waits: the owner does, and then lets it go on.
class Lookup {
 public:
  Lookup(const std::string& name, const Options& options);
  ~Lookup();  // at any time
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  // How it ended; nothing until then. An answer without addresses is a failure.
  const std::optional<base::Result<Answer>>& outcome() const { return outcome_; }

  // Appends the sockets to wait for.
  void watch(std::vector<pollfd>& sockets) const;
  // How long to wait for them; 0 once it has ended.
  std::chrono::milliseconds patience() const;
  // Reads what has come and asks the next server if none came in time. `sockets` are those of
  // watch(), after poll().
  void go_on(std::span<const pollfd> sockets);

 private:
  static void on_end(void* lookup, int status, int timeouts, ares_addrinfo* found) noexcept;

  ares_channeldata* channel_ = nullptr;
  std::optional<base::Result<Answer>> outcome_;
};

}  // namespace timewait::resolve
