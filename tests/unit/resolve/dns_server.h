// DNS servers on loopback addresses that no other test has, and the resolv.conf that names them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/unique_fd.h"
#include "resolve/options.h"

namespace timewait::resolve {

inline constexpr std::uint16_t kServerPort = 20053;  // outside of the ports that clients get

// An address of 127/8; the same for the same `number`, 0 or 1, in the same process only.
std::string own_address(unsigned number = 0);

// A folder that goes with its files at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // Replaces the file at once, and returns its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

// What makes a resolver ask `address`, and look for names without a dot in search.test.
std::string resolv_conf(const std::string& address = own_address());

// dnsmasq. It knows what is below test., and refuses to answer for everything else.
class Dnsmasq {
 public:
  // `hosts` is as set_hosts() takes it. Their TTL is 2 seconds. Returns when it can be asked.
  explicit Dnsmasq(const std::string& hosts, const std::vector<std::string>& more_arguments = {},
                   const std::string& address = own_address());
  ~Dnsmasq();
  Dnsmasq(const Dnsmasq&) = delete;
  Dnsmasq& operator=(const Dnsmasq&) = delete;

  // Lines of /etc/hosts; what it answers from soon on.
  void set_hosts(const std::string& hosts);

 private:
  TemporaryFolder folder_;
  pid_t pid_ = -1;
};

// A server that takes questions and never answers.
class SilentServer {
 public:
  explicit SilentServer(std::uint16_t port = kServerPort);

  // Waits until that many questions have come.
  void wait_for_questions(std::size_t count);
  // From how many sockets the questions came until now.
  std::size_t count_askers();

 private:
  bool take_question(int timeout_ms);

  base::UniqueFd socket_;
  std::vector<std::uint16_t> asking_ports_;  // one a question
};

}  // namespace timewait::resolve
