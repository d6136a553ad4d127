#include "report/table.h"

#include <string>

#include <gtest/gtest.h>

#include "as_text.h"

namespace timewait::report {
namespace {

const std::vector<Column> kColumns = {{"NAME", 0, Align::kLeft, true},
                                      {"LEFT", 1},
                                      {"USED", 2},
                                      {"ADDRESS", 4, Align::kLeft, true},
                                      {"RATE", 3}};

std::string table_of(const std::vector<Row>& rows, std::size_t columns, bool utf8 = true) {
  return plain(table(kColumns, rows, {columns, utf8}));
}

const std::vector<Row> kRows = {{{"db"}, {"3 %"}, {"97"}, {"10.0.0.1"}, {"7"}},
                                {{"a-very-long-name"}, {"100 %"}, {"0"}, {"-"}, {"12,345"}}};

TEST(Table, IsAsWideAsItsCells) {
  EXPECT_EQ(table_of(kRows, Layout::kUnlimited),
            "NAME               LEFT  USED  ADDRESS     RATE\n"
            "db                  3 %    97  10.0.0.1       7\n"
            "a-very-long-name  100 %     0  -         12,345\n");
}

TEST(Table, IsUnchangedWhereItJustFits) {
  EXPECT_EQ(table_of(kRows, 47), table_of(kRows, Layout::kUnlimited));
}

TEST(Table, LeavesOutTheLeastTellingColumnFirst) {
  EXPECT_EQ(table_of(kRows, 46),
            "NAME               LEFT  USED    RATE\n"
            "db                  3 %    97       7\n"
            "a-very-long-name  100 %     0  12,345\n");
  EXPECT_EQ(table_of(kRows, 36),
            "NAME               LEFT  USED\n"
            "db                  3 %    97\n"
            "a-very-long-name  100 %     0\n");
}

TEST(Table, CutsNamesRatherThanLeaveOutTheEssential) {
  EXPECT_EQ(table_of(kRows, 22),
            "NAME        LEFT  USED\n"
            "db           3 %    97\n"
            "a-ve…name  100 %     0\n");
  EXPECT_EQ(table_of(kRows, 20),
            "NAME            LEFT\n"
            "db               3 %\n"
            "a-very…g-name  100 %\n");
}

TEST(Table, CutsNamesForOthersOnlyAsLongAsTheyAreLegible) {
  const std::vector<Row> rows = {
      {{"[2001:db8::1234:5678]:5432"}, {"3 %"}, {"97"}, {"10.0.0.1"}, {"7"}}};
  EXPECT_EQ(table_of(rows, 36),
            "NAME                LEFT  USED  RATE\n"
            "[2001:db8…78]:5432   3 %    97     7\n");
  EXPECT_EQ(table_of(rows, 35),
            "NAME                     LEFT  USED\n"
            "[2001:db8::…:5678]:5432   3 %    97\n");
}

TEST(Table, HasItsFirstColumnAtLeast) {
  EXPECT_EQ(table_of(kRows, 5), "NAME\ndb\na-…me\n");
  EXPECT_EQ(table_of(kRows, 1), "N\nd\na\n");
}

TEST(Table, DoesNotTurnFiguresBesideNamesFromRightToLeft) {
  const std::vector<Row> rows = {{{"מסד"}, {"3 %"}, {"97"}, {"-"}, {"7"}}};
  EXPECT_EQ(table_of(rows, Layout::kUnlimited),
            "NAME  LEFT  USED  ADDRESS  RATE\n"
            "\u2068מסד\u2069    3 %    97  -           7\n");
}

TEST(Table, LinesUpWideCharacters) {
  const std::vector<Row> rows = {{{"주문"}, {"3 %"}, {"97"}, {"-"}, {"7"}}};
  EXPECT_EQ(table_of(rows, 10), "NAME  LEFT\n\u2068주문\u2069   3 %\n");
  EXPECT_EQ(table_of(rows, 10, false), "NAME  LEFT\n??     3 %\n");
}

TEST(Table, HasTheStylesOfItsCells) {
  const std::vector<Row> rows = {{{"db", Style::kCritical}, {"3 %", Style::kGood}, {}, {}, {}}};
  EXPECT_EQ(marked_up(table(kColumns, rows, {10, true})),
            "<heading>NAME</>  <heading>LEFT</>\n<critical>db</>     <good>3 %</>\n");
}

TEST(Table, HasItsHeadingsWithoutRows) {
  EXPECT_EQ(table_of({}, Layout::kUnlimited), "NAME  LEFT  USED  ADDRESS  RATE\n");
}

}  // namespace
}  // namespace timewait::report
