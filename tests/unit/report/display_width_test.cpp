#include "report/display_width.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace timewait::report {
namespace {

TEST(DisplayWidth, CountsColumnsRatherThanBytes) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("10.0.0.9:443"), 12u);
  EXPECT_EQ(display_width("주문"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("שלום"), 4u);
  EXPECT_EQ(display_width("\u2068שלום\u2069"), 4u);
  EXPECT_EQ(display_width("█▒░…"), 4u);
}

TEST(Printable, HasNoControlCharacters) {
  EXPECT_EQ(printable("a\x1b[31mb\tc\n\x7f", true), "a?[31mb?c??");
  EXPECT_EQ(printable("\u0085\u009b", true), "??");
  EXPECT_EQ(printable(std::string_view("\0", 1), true), "?");
}

TEST(Printable, HasNothingThatIsNoUtf8) {
  EXPECT_EQ(printable("a\xff"
                      "b\xe2\x82",
                      true),
            "a?b?");
}

TEST(Printable, KeepsUtf8WhereItIsWanted) {
  EXPECT_EQ(printable("주문 \u2068ש\u2069 e\u0301", true), "주문 \u2068ש\u2069 e\u0301");
}

TEST(Printable, IsAsciiElse) {
  EXPECT_EQ(printable("주문 db \u2068ש\u2069 e\u0301", false), "?? db ? e");
}

TEST(Beginning, IsAsMuchAsFits) {
  EXPECT_EQ(beginning("abc", 3), "abc");
  EXPECT_EQ(beginning("abc", 2), "ab");
  EXPECT_EQ(beginning("주문", 3), "주");
  EXPECT_EQ(beginning("e\u0301f", 1), "e\u0301");
  EXPECT_EQ(beginning("abc", 0), "");
}

TEST(Shortened, LeavesAloneWhatFits) {
  EXPECT_EQ(shortened("10.0.0.9:443", 12, true), "10.0.0.9:443");
}

TEST(Shortened, LeavesTheEnds) {
  EXPECT_EQ(shortened("10.0.0.9:443", 7, true), "10.…443");
  EXPECT_EQ(shortened("10.0.0.9:443", 8, true), "10.0…443");
  EXPECT_EQ(shortened("10.0.0.9:443", 8, false), "10...443");
}

TEST(Shortened, NeverCutsACharacter) {
  EXPECT_EQ(shortened("주문서비스", 6, true), "주…스");
  EXPECT_EQ(shortened("ae\u0301xye\u0301z", 4, true), "ae\u0301…z");
  EXPECT_EQ(shortened("abxye\u0301", 3, true), "a…e\u0301");
}

TEST(Shortened, IsEmptyAtWorst) {
  EXPECT_EQ(shortened("abc", 1, true), "a");
  EXPECT_EQ(shortened("abc", 0, true), "");
  EXPECT_EQ(shortened("주문", 1, true), "");
}

TEST(Shortened, NeverExceedsItsColumns) {
  const std::string text = "a주e\u0301ש문b\u2068x\u2069서";
  for (const bool utf8 : {true, false}) {
    for (std::size_t columns = 0; columns < 20; ++columns) {
      EXPECT_LE(display_width(shortened(text, columns, utf8)), columns);
    }
  }
}

}  // namespace
}  // namespace timewait::report
