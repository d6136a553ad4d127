#include "analysis/wording.h"

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

TEST(Wording, CountsHaveSeparators) {
  EXPECT_EQ(in_words(0), "0");
  EXPECT_EQ(in_words(999), "999");
  EXPECT_EQ(in_words(1'000), "1,000");
  EXPECT_EQ(in_words(28'232), "28,232");
  EXPECT_EQ(in_words(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(Wording, Percent) {
  EXPECT_EQ(percent(0), "0 %");
  EXPECT_EQ(percent(0.0004), "less than 0.1 %");
  EXPECT_EQ(percent(0.0345), "3.4 %");
  EXPECT_EQ(percent(0.0999), "9.9 %");
  EXPECT_EQ(percent(0.1), "10 %");
  EXPECT_EQ(percent(0.9999), "99 %");
  EXPECT_EQ(percent(1), "100 %");
}

TEST(Wording, PercentOfPortsIsExact) {
  EXPECT_EQ(percent(0.29), "29 %");  // times 100 it is a little less
  EXPECT_EQ(percent(0.07), "7 %");
  EXPECT_EQ(percent(0.057), "5.7 %");
  EXPECT_EQ(percent(0.001), "0.1 %");
  EXPECT_EQ(percent(19'005 / 65'536.0), "28 %");
  EXPECT_EQ(percent(19'006 / 65'536.0), "29 %");
}

TEST(Wording, Rates) {
  EXPECT_EQ(rate_in_words(0), "0");
  EXPECT_EQ(rate_in_words(12.46), "12.5");
  EXPECT_EQ(rate_in_words(9.96), "10");
  EXPECT_EQ(rate_in_words(470.6), "471");
  EXPECT_EQ(rate_in_words(28'232), "28,232");
}

TEST(Wording, Durations) {
  EXPECT_EQ(duration_in_words(0), "less than 1 s");
  EXPECT_EQ(duration_in_words(1), "1 s");
  EXPECT_EQ(duration_in_words(40.9), "40 s");
  EXPECT_EQ(duration_in_words(119.9), "119 s");
  EXPECT_EQ(duration_in_words(120), "2 min");
  EXPECT_EQ(duration_in_words(7'199), "119 min");
  EXPECT_EQ(duration_in_words(7'200), "2 h");
}

TEST(Wording, NamesDoNotTurnTheSentence) {
  EXPECT_EQ(isolated("db \"1\""), "db \"1\"");
  EXPECT_EQ(isolated("\u05d0\u05d1"), "\u2068\u05d0\u05d1\u2069");
}

TEST(Wording, NamespacesLeftOut) {
  EXPECT_EQ(left_out_in_words(1).find("1 network namespace was found"), 0u);
  EXPECT_EQ(left_out_in_words(2).find("2 network namespaces were found"), 0u);
}

}  // namespace
}  // namespace timewait::analysis
