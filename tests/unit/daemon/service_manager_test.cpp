#include "daemon/service_manager.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/unique_fd.h"

namespace timewait::daemon {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

// A manager of the test's own, with an abstract address.
class ServiceManagerTest : public testing::Test {
 protected:
  ServiceManagerTest() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const sockaddr family{AF_UNIX, {}};
    // The kernel picks a name.
    EXPECT_EQ(::bind(socket_.get(), &family, sizeof(family.sa_family)), 0);
    sockaddr_un bound{};
    socklen_t size = sizeof(bound);
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    const std::string name(bound.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }

  ~ServiceManagerTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

  std::vector<std::string> received() {
    std::vector<std::string> messages;
    char buffer[1000];
    for (;;) {
      const ssize_t size = ::recv(socket_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
      if (size < 0) return messages;
      messages.emplace_back(buffer, static_cast<std::size_t>(size));
    }
  }

  base::UniqueFd socket_;
};

TEST_F(ServiceManagerTest, HearsOfStartReloadAndEnd) {
  ServiceManager manager;
  manager.ready();
  manager.reloading();
  manager.ready();
  manager.stopping();
  EXPECT_THAT(received(),
              ElementsAre("READY=1", testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"),
                          "READY=1", "STOPPING=1"));
}

TEST_F(ServiceManagerTest, HearsOfAStatusOnlyWhenItIsAnother) {
  ServiceManager manager;
  for (const char* status : {"calm", "calm", "tight", "calm"}) manager.set_status(status);
  EXPECT_THAT(received(), ElementsAre("STATUS=calm", "STATUS=tight", "STATUS=calm"));
}

TEST_F(ServiceManagerTest, NoNameBecomesAMessageOfItsOwn) {
  ServiceManager manager;
  manager.set_status("peer \nSTOPPING=1\r\0x");
  EXPECT_THAT(received(), ElementsAre("STATUS=peer  STOPPING=1 "));
}

TEST_F(ServiceManagerTest, AStatusThatWasLostIsSentAgain) {
  ServiceManager manager;
  int sent = 0;
  const auto fill = [&] {  // net.unix.max_dgram_qlen of them are kept
    const auto begin = ServiceManager::Clock::now();
    manager.set_status(std::to_string(++sent));
    return ServiceManager::Clock::now() - begin < milliseconds(500);
  };
  while (fill()) ASSERT_LT(sent, 100'000);
  received();
  manager.set_status(std::to_string(sent));
  EXPECT_THAT(received(), ElementsAre("STATUS=" + std::to_string(sent)));
}

TEST_F(ServiceManagerTest, WatchesOnlyTheProcessThatItMeans) {
  EXPECT_EQ(ServiceManager().watchdog(), std::nullopt);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(ServiceManager().watchdog(), microseconds(30'000'000));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager().watchdog(), std::nullopt);
  ::unsetenv("WATCHDOG_PID");
  ::setenv("WATCHDOG_USEC", "soon", 1);
  EXPECT_EQ(ServiceManager().watchdog(), std::nullopt);
}

TEST_F(ServiceManagerTest, IsToldThatTheDaemonLivesAsOftenAsItHelps) {
  ::setenv("WATCHDOG_USEC", "600000", 1);
  constexpr milliseconds kAThird(200);
  const auto begin = ServiceManager::Clock::now();
  ServiceManager manager;
  manager.ready();
  received();
  manager.alive(begin);
  manager.alive(begin + milliseconds(10));
  EXPECT_THAT(received(), IsEmpty());
  const auto now = ServiceManager::Clock::now() + kAThird;
  manager.alive(now);
  manager.alive(now + milliseconds(10));
  EXPECT_THAT(received(), ElementsAre("WATCHDOG=1"));
  manager.alive(now + kAThird);
  EXPECT_THAT(received(), ElementsAre("WATCHDOG=1"));
}

TEST_F(ServiceManagerTest, AStartThatTakesLongAsksForTime) {
  ::setenv("WATCHDOG_USEC", "60000", 1);
  ServiceManager manager;
  manager.alive(ServiceManager::Clock::now() + milliseconds(20));
  EXPECT_THAT(received(), ElementsAre("EXTEND_TIMEOUT_USEC=30000000"));
}

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

class NoManager : public testing::TestWithParam<const char*> {};

TEST_P(NoManager, IsNoMatter) {
  const std::ptrdiff_t open_before = open_descriptors();
  ::setenv("NOTIFY_SOCKET", GetParam(), 1);
  ServiceManager manager;
  ::unsetenv("NOTIFY_SOCKET");
  manager.ready();
  manager.set_status("calm");
  manager.alive(ServiceManager::Clock::now() + std::chrono::minutes(1));
  manager.stopping();
  EXPECT_EQ(open_descriptors(), open_before);
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, NoManager,
    testing::Values("", "/", "@", "/no/such/socket", "vsock:2:1234",
                    "/too/long/"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));

}  // namespace
}  // namespace timewait::daemon
