#include "daemon/rendering.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace timewait::daemon {
namespace {

using std::chrono::milliseconds;

class RenderingTest : public testing::Test {
 protected:
  std::string text_at(milliseconds moment) {
    return *rendering_.get(Rendering::Clock::time_point(moment))->text();
  }

  polling::Published published_;
  int renderings_ = 0;
  Rendering rendering_{published_, [this](const analysis::ExporterState&, auto) {
                         return std::to_string(++renderings_);
                       }};
};

TEST_F(RenderingTest, ServesAllWhoAskWithinATenthOfASecond) {
  EXPECT_EQ(text_at(milliseconds(1'000)), "1");
  EXPECT_EQ(text_at(milliseconds(1'099)), "1");
  EXPECT_EQ(text_at(milliseconds(1'100)), "2");
}

TEST_F(RenderingTest, IsMadeAnewForWhatThePollsFind) {
  EXPECT_EQ(text_at(milliseconds(1'000)), "1");
  published_.set_polls({});
  EXPECT_EQ(text_at(milliseconds(1'000)), "2");
}

// So it is compressed once.
TEST_F(RenderingTest, IsTheSameContentForAll) {
  const Rendering::Clock::time_point moment(milliseconds(1'000));
  EXPECT_EQ(rendering_.get(moment), rendering_.get(moment));
}

}  // namespace
}  // namespace timewait::daemon
