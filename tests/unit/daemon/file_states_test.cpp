#include "daemon/file_states.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::daemon {
namespace {

FileStates seen(const std::string& path) {
  FileStates states;
  states.look({path});
  return states;
}

TEST(FileStates, AFileOfLongAgoStaysAsItIs) { EXPECT_FALSE(seen("/bin/sh").may_have_changed()); }

TEST(FileStates, AFileThatIsNotThereStaysSo) {
  EXPECT_FALSE(seen("/nonexistent").may_have_changed());
  EXPECT_TRUE(seen("/nonexistent") == seen("/nonexistent"));
}

// A second change would look like the first.
TEST(FileStates, AFileOfThisMomentMayChangeAgainWithinATick) {
  std::string path = testing::TempDir() + "timewait_file_states_XXXXXX";
  const base::UniqueFd file(::mkstemp(path.data()));
  ASSERT_TRUE(file.valid());
  const FileStates before = seen(path);
  EXPECT_TRUE(before.may_have_changed());
  ASSERT_EQ(::write(file.get(), "more", 4), 4);
  EXPECT_FALSE(before == seen(path));
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace timewait::daemon
