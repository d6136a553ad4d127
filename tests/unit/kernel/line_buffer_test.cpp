#include "kernel/line_buffer.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void put(LineBuffer& buffer, std::string_view text) {
  const std::span<char> room = buffer.room();
  ASSERT_LE(text.size(), room.size());
  std::copy(text.begin(), text.end(), room.begin());
  buffer.add(text.size());
}

std::vector<std::string> take_lines(LineBuffer& buffer) {
  std::vector<std::string> lines;
  while (const std::optional<std::string_view> line = buffer.take_line()) lines.emplace_back(*line);
  return lines;
}

TEST(LineBuffer, ManyLinesInAPiece) {
  LineBuffer buffer(16);
  put(buffer, "one\n\nthree\nfo");
  EXPECT_THAT(take_lines(buffer), ElementsAre("one", "", "three"));
  EXPECT_EQ(buffer.unread(), "fo");
}

TEST(LineBuffer, WhereverTheTextIsCut) {
  const std::string text = "one\n\nthree\nfour\n";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      LineBuffer buffer(text.size());
      std::vector<std::string> lines;
      for (const std::string& piece :
           {text.substr(0, first), text.substr(first, second - first), text.substr(second)}) {
        put(buffer, piece);
        for (const std::string& line : take_lines(buffer)) lines.push_back(line);
      }
      EXPECT_THAT(lines, ElementsAre("one", "", "three", "four")) << first << " " << second;
      EXPECT_THAT(buffer.unread(), IsEmpty());
    }
  }
}

TEST(LineBuffer, ALineThatJustFits) {
  LineBuffer buffer(4);
  for (int i = 0; i < 3; ++i) {
    put(buffer, "abc\n");
    EXPECT_THAT(take_lines(buffer), ElementsAre("abc"));
  }
}

TEST(LineBuffer, ALineThatDoesNotFitLeavesNoRoom) {
  LineBuffer buffer(4);
  put(buffer, "a\nbc");
  EXPECT_THAT(take_lines(buffer), ElementsAre("a"));
  EXPECT_EQ(buffer.room().size(), 2u);
  put(buffer, "de");
  EXPECT_THAT(take_lines(buffer), IsEmpty());
  EXPECT_THAT(buffer.room(), IsEmpty());
}

TEST(LineBuffer, ClearedItStartsAfresh) {
  LineBuffer buffer(8);
  put(buffer, "ab\ncd");
  buffer.clear();
  put(buffer, "ef\n");
  EXPECT_THAT(take_lines(buffer), ElementsAre("ef"));
}

}  // namespace
}  // namespace timewait::kernel
