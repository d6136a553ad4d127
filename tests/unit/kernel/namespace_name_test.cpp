#include "kernel/namespace_name.h"

#include <gtest/gtest.h>

namespace timewait::kernel {
namespace {

const std::string kId = "4f6b2c9d01e3a5b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5";
const std::string kShortId = "4f6b2c9d01e3";

std::optional<std::string> of_path(const std::string& path) {
  return name_from_cgroup("0::" + path + "\n");
}

TEST(NameFromCgroup, AContainersId) {
  for (const std::string& path :
       {"/system.slice/docker-" + kId + ".scope", "/docker/" + kId,
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b.slice/"
        "cri-containerd-" +
            kId + ".scope",
        "/kubepods/besteffort/pod0a1b-2c3d/" + kId, "/machine.slice/crio-" + kId + ".scope",
        "/machine.slice/libpod-" + kId + ".scope/container", "/../docker-" + kId + ".scope",
        "/system.slice/docker-" + kId + ".scope/system.slice/nginx.service"}) {
    EXPECT_EQ(of_path(path), kShortId) << path;
  }
}

TEST(NameFromCgroup, TheInnermostContainer) {
  const std::string outer(64, 'a');
  EXPECT_EQ(of_path("/docker/" + outer + "/docker/" + kId), kShortId);
}

TEST(NameFromCgroup, AnLxcContainersName) {
  EXPECT_EQ(of_path("/lxc.payload.web-1/init.scope"), "web-1");
  EXPECT_EQ(of_path("/lxc.payload."), std::nullopt);
  EXPECT_EQ(of_path("/lxc.monitor.web-1"), std::nullopt);
}

TEST(NameFromCgroup, AService) {
  EXPECT_EQ(of_path("/system.slice/nginx.service"), "nginx.service");
  EXPECT_EQ(of_path("/system.slice/nginx.service/worker"), "nginx.service");
  EXPECT_EQ(of_path("/user.slice/user-1000.slice/user@1000.service/app.slice/proxy.service"),
            "proxy.service");
}

TEST(NameFromCgroup, NeitherCanBeTold) {
  for (const std::string& path :
       {std::string("/"), std::string(""), std::string("/user.slice/session-2.scope"),
        std::string("/.service"), "/docker/" + kId.substr(1), "/docker/" + kId + "0",
        "/docker/G" + kId.substr(1), "/conmon-" + kId + ".scope", "/docker-" + kId}) {
    EXPECT_EQ(of_path(path), std::nullopt) << path;
  }
  EXPECT_EQ(name_from_cgroup(""), std::nullopt);
  EXPECT_EQ(name_from_cgroup("\n\nno colons"), std::nullopt);
}

TEST(NameFromCgroup, AnyHierarchyOfVersionOne) {
  EXPECT_EQ(name_from_cgroup("9:name=systemd:/system.slice/a.service\n4:memory:/docker/" + kId +
                             "\n0::/\n"),
            kShortId);
  EXPECT_EQ(name_from_cgroup("4:memory:/\n1:name=systemd:/system.slice/a.service\n0::/\n"),
            "a.service");
}

TEST(UniqueNames, ATakenNameHasTheInodeBehindIt) {
  UniqueNames names({"app"});
  names.take("db");
  EXPECT_EQ(names.give("web", 1), "web");
  EXPECT_EQ(names.give("web", 2), "web-2");
  EXPECT_EQ(names.give("app", 3), "app-3");
  EXPECT_EQ(names.give("db", 4), "db-4");
}

TEST(UniqueNames, NobodyCanTakeThemAll) {
  UniqueNames names({"app", "app-3", "app-3-2"});
  EXPECT_EQ(names.give("app", 3), "app-3-3");
}

TEST(UniqueNames, AreOneLineOfBoundedText) {
  UniqueNames names({});
  EXPECT_EQ(names.give("a\nb\xff\x7f", 1), "a_b__");
  EXPECT_EQ(names.give("", 2), "net");
  EXPECT_EQ(names.give(std::string(300, 'x'), 3), std::string(128, 'x'));
  EXPECT_EQ(names.give(std::string(301, 'x'), 4), std::string(126, 'x') + "-4");
}

}  // namespace
}  // namespace timewait::kernel
