#include "config/suggestion.h"

#include <array>

#include <gtest/gtest.h>

namespace timewait::config {
namespace {

constexpr std::array<std::string_view, 3> kWords = {"interval", "port", "ports"};

TEST(Suggest, FindsOneSlip) {
  EXPECT_EQ(suggest("intervall", kWords), "interval");
  EXPECT_EQ(suggest("interva", kWords), "interval");
  EXPECT_EQ(suggest("intervel", kWords), "interval");
  EXPECT_EQ(suggest("intevral", kWords), "interval");
}

TEST(Suggest, FindsTwoSlips) { EXPECT_EQ(suggest("intrvll", kWords), "interval"); }

TEST(Suggest, LeavesThreeSlips) { EXPECT_EQ(suggest("intrvl_x", kWords), std::nullopt); }

TEST(Suggest, LeavesHalfOfTheLetters) {
  EXPECT_EQ(suggest("pat", kWords), std::nullopt);
  EXPECT_EQ(suggest("pxrx", kWords), std::nullopt);
  EXPECT_EQ(suggest("", kWords), std::nullopt);
}

TEST(Suggest, PrefersTheNearest) { EXPECT_EQ(suggest("portss", kWords), "ports"); }

TEST(Suggest, SwappedLettersAreOneSlip) { EXPECT_EQ(suggest("prot", kWords), "port"); }

}  // namespace
}  // namespace timewait::config
