#include "dns_server.h"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace timewait::resolve {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &result.sin_addr);
  return result;
}

bool can_connect(const std::string& address) {
  const base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in to = socket_address(address, kServerPort);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
}

pid_t spawn(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("cannot start " + arguments[0]);
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // not even a test that is killed leaves it behind
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

std::string own_address(unsigned number) {
  const auto pid = static_cast<unsigned>(::getpid());  // at most 22 bits
  const unsigned low = (pid << 1 | number) & 0xffffff;
  return "127." + std::to_string(low >> 16) + "." + std::to_string(low >> 8 & 0xff) + "." +
         std::to_string(low & 0xff);
}

TemporaryFolder::TemporaryFolder() {
  std::string path = std::filesystem::temp_directory_path() / "resolve_test.XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make " + path);
  path_ = path;
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  std::string path = path_ + "/" + name;
  std::ofstream(path + ".new") << content;
  std::filesystem::rename(path + ".new", path);
  return path;
}

std::string resolv_conf(const std::string& address) {
  return "nameserver " + address + "\nsearch search.test\n";
}

Dnsmasq::Dnsmasq(const std::string& hosts, const std::vector<std::string>& more_arguments,
                 const std::string& address) {
  std::vector<std::string> arguments = {
      TIMEWAIT_DNSMASQ, "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=",
      // No other user, no other log than this test's, nothing of this host.
      "--user=", "--log-facility=-", "--no-resolv", "--no-hosts",
      "--addn-hosts=" + folder_.write("hosts", hosts), "--local=/test/", "--local-ttl=2",
      "--port=" + std::to_string(kServerPort), "--listen-address=" + address, "--bind-interfaces"};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  pid_ = spawn(arguments);
  const Clock::time_point deadline = Clock::now() + 10s;
  while (!can_connect(address)) {
    if (Clock::now() > deadline) throw std::runtime_error("dnsmasq does not listen");
    std::this_thread::sleep_for(10ms);
  }
}

Dnsmasq::~Dnsmasq() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

void Dnsmasq::set_hosts(const std::string& hosts) {
  folder_.write("hosts", hosts);
  ::kill(pid_, SIGHUP);
}

SilentServer::SilentServer(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_in own = socket_address(own_address(), port);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0) {
    throw std::runtime_error("cannot bind the silent server");
  }
}

void SilentServer::wait_for_questions(std::size_t count) {
  while (asking_ports_.size() < count) {
    if (!take_question(10'000)) throw std::runtime_error("nobody asks the silent server");
  }
}

std::size_t SilentServer::count_askers() {
  while (take_question(0)) continue;
  return std::set(asking_ports_.begin(), asking_ports_.end()).size();
}

bool SilentServer::take_question(int timeout_ms) {
  pollfd readable{socket_.get(), POLLIN, 0};
  if (::poll(&readable, 1, timeout_ms) != 1) return false;
  std::array<char, 512> question;
  sockaddr_in from{};
  socklen_t size = sizeof(from);
  ::recvfrom(socket_.get(), question.data(), question.size(), 0, reinterpret_cast<sockaddr*>(&from),
             &size);
  asking_ports_.push_back(ntohs(from.sin_port));
  return true;
}

}  // namespace timewait::resolve
