#include "config/problem.h"

#include <gtest/gtest.h>

namespace timewait::config {
namespace {

TEST(Problem, IsFormattedAsCompilersDo) {
  EXPECT_EQ(format({{3, 14}, "peers[0].name", "is missing"}, "/etc/t.yml"),
            "/etc/t.yml:3:14: peers[0].name: is missing");
}

TEST(Problem, HasNoKeyWhenItIsTheDocuments) {
  EXPECT_EQ(format({{1, 1}, "", "a list"}, "t.yml"), "t.yml:1:1: a list");
}

TEST(Printable, KeepsText) { EXPECT_EQ(printable("tomcat é €"), "tomcat é €"); }

TEST(Printable, EscapesWhatATerminalInterprets) {
  EXPECT_EQ(printable("a\nb\x1b[0m\x7f"), "a\\x0ab\\x1b[0m\\x7f");
  EXPECT_EQ(printable("\xc2\x9b\xe2\x80\xa8"), "\\xc2\\x9b\\xe2\\x80\\xa8");
}

TEST(Printable, EscapesWhatIsNotUtf8) { EXPECT_EQ(printable("caf\xe9!"), "caf\\xe9!"); }

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(printable(std::string(65, 'a')), std::string(64, 'a') + "...");
  EXPECT_EQ(printable(std::string(63, 'a') + "éé"), std::string(63, 'a') + "é...");
}

TEST(Quoted, AddsQuotes) { EXPECT_EQ(quoted("a"), "\"a\""); }

}  // namespace
}  // namespace timewait::config
