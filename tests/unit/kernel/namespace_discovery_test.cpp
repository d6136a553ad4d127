#include "kernel/namespace_discovery.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "parked_namespace.h"
#include "proc_tree.h"

namespace timewait::kernel {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

auto is_named(const std::string& name) { return Field("name", &DiscoveredNamespace::name, name); }
auto is_at(const std::string& path) { return Field("path", &DiscoveredNamespace::path, path); }

std::vector<std::string> names_of(const NamespaceScan& scan) {
  std::vector<std::string> names;
  for (const DiscoveredNamespace& found : scan.found) names.push_back(found.name);
  return names;
}

// Namespaces are plain files here: what tells them apart is the same.
class NamespaceDiscovery : public testing::Test {
 protected:
  NamespaceDiscovery() {
    search_.proc_root = files_.root() + "/proc";
    search_.names_root = files_.root() + "/netns";
    search_.max = 16;
    files_.write("namespaces/own", "");
    files_.link("proc/self/ns/net", namespace_file("own"));
    files_.write("proc/sys/kernel", "");  // no process
    process(1, "own");
    search_.excluded.push_back(identity("own"));
  }

  std::string namespace_file(const std::string& name) const {
    return files_.root() + "/namespaces/" + name;
  }

  NamespaceIdentity identity(const std::string& name) const {
    struct stat file {};
    EXPECT_EQ(::stat(namespace_file(name).c_str(), &file), 0);
    return {file.st_dev, file.st_ino};
  }

  void process(int pid, const std::string& name, const std::string& cgroup = "/") const {
    const std::string own = "proc/" + std::to_string(pid) + "/";
    files_.write("namespaces/" + name, "");
    files_.link(own + "ns/net", namespace_file(name));
    files_.write(own + "cgroup", "0::" + cgroup + "\n");
    sockets(pid, "TCP: inuse 1 orphan 0 tw 0 alloc 9 mem 0\n", "TCP6: inuse 0\n");
  }

  void sockets(int pid, const std::string& sockstat, const std::string& sockstat6) const {
    const std::string net = "proc/" + std::to_string(pid) + "/net/";
    files_.write(net + "sockstat", "sockets: used 9\n" + sockstat + "UDP: inuse 5 mem 0\n");
    files_.write(net + "sockstat6", sockstat6 + "UDP6: inuse 5\n");
  }

  void named(const std::string& netns_name, const std::string& name) const {
    files_.write("namespaces/" + name, "");
    files_.link("netns/" + netns_name, namespace_file(name));
  }

  NamespaceScan scan() const {
    const auto scanned = scan_namespaces(search_);
    EXPECT_TRUE(scanned) << scanned.error().message;
    return scanned ? *scanned : NamespaceScan{};
  }

  NamespaceSearch search_;

 private:
  ProcTree files_;
};

TEST_F(NamespaceDiscovery, NothingButTheOwn) {
  const NamespaceScan found = scan();
  EXPECT_THAT(found.found, IsEmpty());
  EXPECT_EQ(found.left_out, 0u);
  EXPECT_EQ(found.unreadable_processes, 0u);
}

TEST_F(NamespaceDiscovery, OneOfEachByItsLowestProcess) {
  process(30, "a", "/system.slice/late.service");
  process(7, "a", "/system.slice/early.service");
  process(100, "a", "/system.slice/last.service");
  EXPECT_THAT(scan().found,
              ElementsAre(AllOf(is_named("early.service"), is_at(search_.proc_root + "/7/ns/net"),
                                Field(&DiscoveredNamespace::identity, identity("a")))));
}

TEST_F(NamespaceDiscovery, ANameOfIpNetnsComesFirst) {
  process(7, "a", "/system.slice/a.service");
  named("zebra", "a");
  named("app", "a");
  EXPECT_THAT(scan().found,
              ElementsAre(AllOf(is_named("app"), is_at(search_.names_root + "/app"))));
}

TEST_F(NamespaceDiscovery, ANameWithoutAProcess) {
  named("app", "a");
  EXPECT_THAT(names_of(scan()), ElementsAre("app"));
}

TEST_F(NamespaceDiscovery, WithoutANameItHasItsNumber) {
  process(7, "a");
  EXPECT_THAT(names_of(scan()), ElementsAre("net-" + std::to_string(identity("a").inode)));
}

TEST_F(NamespaceDiscovery, OnlyWithTcpSockets) {
  for (const auto& [sockstat, sockstat6, expected] :
       {std::tuple{"TCP: inuse 0 orphan 3 tw 0 alloc 9 mem 3\n", "TCP6: inuse 0\n", 0u},
        std::tuple{"TCP: inuse 0 orphan 0 tw 2 alloc 9 mem 3\n", "TCP6: inuse 0\n", 1u},
        std::tuple{"TCP: inuse 0 orphan 0 tw 0 alloc 9 mem 3\n", "TCP6: inuse 1\n", 1u},
        std::tuple{"", "", 0u}}) {
    process(7, "a");
    sockets(7, sockstat, sockstat6);
    EXPECT_THAT(scan().found, SizeIs(expected)) << sockstat << sockstat6;
    std::filesystem::remove_all(search_.proc_root + "/7");
  }
}

TEST_F(NamespaceDiscovery, ConfiguredOnesAreLeftToTheirNames) {
  process(7, "a", "/system.slice/app.service");
  process(8, "b", "/system.slice/app.service");
  search_.excluded.push_back(identity("a"));
  search_.taken_names = {"app.service"};
  EXPECT_THAT(names_of(scan()), ElementsAre("app.service-" + std::to_string(identity("b").inode)));
}

TEST_F(NamespaceDiscovery, TheKnownKeepTheirNamesAndNeedNoSockets) {
  process(7, "a", "/system.slice/app.service");
  search_.known = {{"app.service-99", "gone", identity("a")}};
  sockets(7, "TCP: inuse 0 tw 0\n", "TCP6: inuse 0\n");
  EXPECT_THAT(scan().found, ElementsAre(AllOf(is_named("app.service-99"),
                                              is_at(search_.proc_root + "/7/ns/net"))));
}

TEST_F(NamespaceDiscovery, ANewOneDoesNotTakeAKnownOnesName) {
  process(7, "a", "/system.slice/app.service");
  process(8, "b", "/system.slice/app.service");
  search_.known = {{"app.service", "", identity("b")}};
  EXPECT_THAT(names_of(scan()),
              ElementsAre("app.service", "app.service-" + std::to_string(identity("a").inode)));
}

TEST_F(NamespaceDiscovery, AKnownOneThatIsGoneIsNotFound) {
  process(7, "a");
  search_.known = {{"a", "", identity("a")}};
  std::filesystem::remove_all(search_.proc_root + "/7");
  EXPECT_THAT(scan().found, IsEmpty());
}

TEST_F(NamespaceDiscovery, OfTooManyTheKnownStayAndTheLowestComeIn) {
  for (int i = 1; i <= 5; ++i) process(i + 10, "n" + std::to_string(i));
  std::vector<NamespaceIdentity> by_inode;
  for (int i = 1; i <= 5; ++i) by_inode.push_back(identity("n" + std::to_string(i)));
  std::sort(by_inode.begin(), by_inode.end());
  search_.max = 2;
  search_.known = {{"known", "", by_inode[4]}};
  const NamespaceScan found = scan();
  ASSERT_THAT(found.found, SizeIs(2));
  EXPECT_EQ(found.found[0].identity, by_inode[4]);
  EXPECT_EQ(found.found[1].identity, by_inode[0]);
  EXPECT_EQ(found.left_out, 3u);
}

TEST_F(NamespaceDiscovery, AProcessThatEndsIsNoFailure) {
  process(7, "a");
  std::filesystem::remove_all(search_.proc_root + "/7/ns");  // as of a zombie
  process(8, "b");
  std::filesystem::remove_all(search_.proc_root + "/8/net");  // gone once it was seen
  const NamespaceScan found = scan();
  EXPECT_THAT(found.found, IsEmpty());
  EXPECT_EQ(found.unreadable_processes, 0u);
}

TEST_F(NamespaceDiscovery, WithoutProcfsThereIsNoScan) {
  search_.proc_root += "/nowhere";
  EXPECT_FALSE(scan_namespaces(search_));
}

// --- The real /proc -----------------------------------------------------------------------------

// A process in a network namespace of its own, with one listener or none.
class ProcessElsewhere {
 public:
  explicit ProcessElsewhere(bool listens) {
    int ready[2];
    EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) stay(ready[1], listens);
    ::close(ready[1]);
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
  }
  ~ProcessElsewhere() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ProcessElsewhere(const ProcessElsewhere&) = delete;
  ProcessElsewhere& operator=(const ProcessElsewhere&) = delete;

  std::string path() const { return "/proc/" + std::to_string(pid_) + "/ns/net"; }

 private:
  [[noreturn]] static void stay(int ready, bool listens) {
    const int socket =
        ::unshare(CLONE_NEWNET) == 0 && listens ? ::socket(AF_INET6, SOCK_STREAM, 0) : -1;
    const bool is_ready = !listens || ::listen(socket, 1) == 0;
    if (!is_ready || ::write(ready, "r", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }

  pid_t pid_ = -1;
};

NamespaceSearch search_beside(const NamespaceIdentity& own) {
  NamespaceSearch search;
  search.excluded = {own};
  search.max = 1000;
  return search;
}

std::vector<std::string> paths_of(const NamespaceScan& scan) {
  std::vector<std::string> paths;
  for (const DiscoveredNamespace& found : scan.found) paths.push_back(found.path);
  return paths;
}

TEST(NamespaceDiscoveryHere, FindsTheOneWithSockets) {
  const OwnNamespace own;
  const ProcessElsewhere listening(true);
  const ProcessElsewhere idle(false);
  const auto scan = scan_namespaces(search_beside(*thread_namespace()));
  ASSERT_TRUE(scan);
  EXPECT_THAT(paths_of(*scan), Contains(listening.path()));
  EXPECT_THAT(paths_of(*scan), Not(Contains(idle.path())));
  const auto opened = NetworkNamespace::open(listening.path());
  ASSERT_TRUE(opened);
  EXPECT_THAT(scan->found, Contains(Field(&DiscoveredNamespace::identity, opened->identity())));
}

TEST(NamespaceDiscoveryHere, ANameWhoseNamespaceIsGoneIsNone) {
  const OwnNamespace own;
  const ParkedNamespace parked;
  const ProcTree names;
  names.link("live", parked.path());
  names.write("stale", "");
  NamespaceSearch search = search_beside(*thread_namespace());
  search.names_root = names.root();
  const auto found = scan_namespaces(search);
  ASSERT_TRUE(found);
  EXPECT_THAT(names_of(*found), Contains("live"));
  EXPECT_THAT(names_of(*found), Not(Contains("stale")));
}

// One with more capabilities than who asks counts as another user's.
TEST(NamespaceDiscoveryHere, CountsProcessesThatMayNotBeAsked) {
  const OwnNamespace own;
  const ProcessElsewhere listening(true);
  const NamespaceIdentity here = *thread_namespace();
  in_thread([&] {
    drop_capabilities();
    const auto scan = scan_namespaces(search_beside(here));
    ASSERT_TRUE(scan);
    EXPECT_GT(scan->unreadable_processes, 0u);
    EXPECT_THAT(paths_of(*scan), Not(Contains(listening.path())));
  });
}

}  // namespace
}  // namespace timewait::kernel
