#include "base/unique_fd.h"

#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace timewait::base {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

TEST(UniqueFd, ClosesOnceItEnds) {
  int raw = -1;
  {
    const UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    raw = fd.get();
    EXPECT_TRUE(is_open(raw));
  }
  EXPECT_FALSE(is_open(raw));
}

TEST(UniqueFd, MovesOwnership) {
  UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int raw = first.get();
  UniqueFd second(std::move(first));
  EXPECT_EQ(second.get(), raw);
  UniqueFd third;
  EXPECT_FALSE(third.valid());
  third = std::move(second);
  EXPECT_EQ(third.get(), raw);
}

TEST(UniqueFd, ReleaseLeavesItOpen) {
  UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd owner(fd.release());
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(is_open(owner.get()));
}

}  // namespace
}  // namespace timewait::base
