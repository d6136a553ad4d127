#include "base/result.h"

#include <cerrno>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace timewait::base {
namespace {

TEST(Result, HoldsAValue) {
  Result<int> result = 5;
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 5);
  *result = 6;
  EXPECT_EQ(*result, 6);
}

TEST(Result, HoldsAnError) {
  const Result<int> result = Error{"no"};
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no");
}

TEST(Result, GivesAwayAMoveOnlyValue) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 7);
}

TEST(ResultDeathTest, ReadingTheSideThatIsNotThereAborts) {
  const Result<int> bad = Error{"no"};
  EXPECT_DEATH((void)*bad, "");
  const Result<int> good = 1;
  EXPECT_DEATH((void)good.error(), "");
}

TEST(SystemError, NamesTheErrno) {
  EXPECT_EQ(system_error("cannot open x", ENOENT).message,
            "cannot open x: No such file or directory");
}

}  // namespace
}  // namespace timewait::base
