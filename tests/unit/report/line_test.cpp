#include "report/line.h"

#include <string>

#include <gtest/gtest.h>

#include "as_text.h"

namespace timewait::report {
namespace {

std::string paragraph_of(const std::string& words, std::size_t columns, bool utf8 = true) {
  return plain(paragraph({{"- "}}, {words}, {columns, utf8}));
}

TEST(Paragraph, IsOneLineWhereItFits) {
  EXPECT_EQ(paragraph_of("a b c", 7), "- a b c\n");
  EXPECT_EQ(paragraph_of("a b c", Layout::kUnlimited), "- a b c\n");
  EXPECT_EQ(paragraph_of("", 7), "-\n");
}

TEST(Paragraph, BreaksBetweenWordsAndIndents) {
  EXPECT_EQ(paragraph_of("one two three", 9), "- one two\n  three\n");
  EXPECT_EQ(paragraph_of("one two three", 8), "- one\n  two\n  three\n");
}

TEST(Paragraph, BreaksWithinAWordThatIsTooLong) {
  EXPECT_EQ(paragraph_of("a 123456789 b", 6), "- a\n  1234\n  5678\n  9 b\n");
}

TEST(Paragraph, KeepsAFigureWithItsUnit) {
  EXPECT_EQ(paragraph_of("runs out in 12 min, at 3 % left", 17),
            "- runs out in\n  12 min, at 3 %\n  left\n");
}

TEST(Paragraph, CountsColumns) {
  EXPECT_EQ(paragraph_of("주문 서비스", 10), "- 주문\n  서비스\n");
  EXPECT_EQ(paragraph_of("주문 서비스", 13), "- 주문 서비스\n");
  EXPECT_EQ(paragraph_of("주문 서비스", 8, false), "- ?? ???\n");
}

TEST(Paragraph, FitsHoweverNarrowTheTerminalIs) {
  for (std::size_t columns = 1; columns < 12; ++columns) {
    for (const Line& line : paragraph({{"CRITICAL  "}}, {"주문 is lost"}, {columns, true})) {
      EXPECT_LE(width_of(line), columns);
    }
  }
}

TEST(Paragraph, LosesNothingWhereItsLeadFillsALine) {
  EXPECT_EQ(plain(paragraph({{"CRITICAL"}}, {"abcd ef"}, {8, true})),
            "CRITICAL\n    abcd\n    ef\n");
  EXPECT_EQ(plain(paragraph({{"CRITICAL"}}, {"ab"}, {2, true})), "CR\n a\n b\n");
}

TEST(Paragraph, HasTheStylesOfItsParts) {
  EXPECT_EQ(
      marked_up(paragraph({{"Why: ", Style::kHeading}}, {"a bbbbb", Style::kFaint}, {10, true})),
      "<heading>Why: </><faint>a</>\n     <faint>bbbbb</>\n");
}

TEST(Clipped, HasNoSpacesAtItsEnd) {
  EXPECT_EQ(marked_up({clipped({{"a", Style::kGood}, {"  "}, {""}}, 9)}), "<good>a</>\n");
  EXPECT_EQ(marked_up({clipped({{"a  b"}}, 3)}), "a\n");
}

TEST(Sections, HaveAnEmptyLineBetweenThem) {
  Text text;
  add_section(text, {});
  add_section(text, {{{"a"}}});
  add_section(text, {});
  add_section(text, {{{"b"}}});
  EXPECT_EQ(plain(text), "a\n\nb\n");
}

}  // namespace
}  // namespace timewait::report
