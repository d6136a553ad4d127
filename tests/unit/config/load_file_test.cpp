#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/load.h"
#include "config/read_file.h"

namespace timewait::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using namespace std::chrono_literals;

class LoadFile : public testing::Test {
 protected:
  LoadFile() {
    std::string name = testing::TempDir() + "timewait_config_XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~LoadFile() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name)) << content;
    return path(name);
  }
  static void expect_unreadable(const std::string& file, const std::string& reason) {
    const auto config = load_file(file);
    ASSERT_FALSE(config);
    EXPECT_TRUE(config.error().unreadable);
    EXPECT_THAT(config.error().problems, ElementsAre(AllOf(HasSubstr(file), EndsWith(reason))));
  }

 private:
  std::string directory_;
};

TEST_F(LoadFile, ReadsARegularFile) {
  const auto config = load_file(write("a.yml", "poll: {interval: 1s}\n"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->poll_interval, 1s);
}

TEST_F(LoadFile, FollowsALink) {
  std::filesystem::create_symlink(write("a.yml", "poll: {interval: 1s}\n"), path("link.yml"));
  const auto config = load_file(path("link.yml"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->poll_interval, 1s);
}

TEST_F(LoadFile, AnEmptyFileYieldsTheDefaults) { EXPECT_TRUE(load_file(write("empty.yml", ""))); }

TEST_F(LoadFile, NamesTheFileInEveryProblem) {
  const std::string file = write("a.yml", "poll: {interval: 1}\npears: []\n");
  const auto config = load_file(file);
  ASSERT_FALSE(config);
  EXPECT_FALSE(config.error().unreadable);
  EXPECT_THAT(config.error().problems,
              ElementsAre(testing::StartsWith(file + ":1:18: poll.interval: "),
                          testing::StartsWith(file + ":2:1: pears: ")));
}

TEST_F(LoadFile, AMissingFileIsUnreadable) {
  expect_unreadable(path("none.yml"), "No such file or directory");
}

TEST_F(LoadFile, ADirectoryIsUnreadable) { expect_unreadable(path("."), "Is a directory"); }

TEST_F(LoadFile, ACircularLinkIsUnreadable) {
  std::filesystem::create_symlink("loop.yml", path("loop.yml"));
  expect_unreadable(path("loop.yml"), "Too many levels of symbolic links");
}

TEST_F(LoadFile, AFileWithoutPermissionIsUnreadable) {
  const std::string file = write("secret.yml", "");
  std::filesystem::permissions(file, std::filesystem::perms::none);
  const uid_t user = ::geteuid();
  constexpr uid_t kNobody = 65534;
  if (user == 0) {  // root may read everything
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  expect_unreadable(file, "Permission denied");
  ASSERT_EQ(::seteuid(user), 0);
}

TEST_F(LoadFile, AFifoIsUnreadableAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  expect_unreadable(path("fifo"), "not a regular file");
}

TEST_F(LoadFile, ADeviceIsUnreadable) { expect_unreadable("/dev/zero", "not a regular file"); }

TEST_F(LoadFile, TheLargestFileIsRead) {
  EXPECT_TRUE(load_file(write("large.yml", std::string(kMaxFileBytes, '#'))));
}

TEST_F(LoadFile, ALargerFileIsUnreadable) {
  expect_unreadable(write("larger.yml", std::string(kMaxFileBytes + 1, '#')), "larger than 1 MiB");
}

}  // namespace
}  // namespace timewait::config
