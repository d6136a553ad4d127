#include "config/utf8.h"

#include <string>

#include <gtest/gtest.h>

namespace timewait::config {
namespace {

void expect_char(std::string_view bytes, char32_t code_point) {
  const auto decoded = decode_utf8(std::string(bytes) + "x");
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->code_point, code_point);
  EXPECT_EQ(decoded->size, bytes.size());
}

TEST(DecodeUtf8, ReadsTheEdgesOfEachLength) {
  expect_char(std::string_view("\0", 1), 0);
  expect_char("\x7f", 0x7f);
  expect_char("\xc2\x80", 0x80);
  expect_char("\xdf\xbf", 0x7ff);
  expect_char("\xe0\xa0\x80", 0x800);
  expect_char("\xed\x9f\xbf", 0xd7ff);
  expect_char("\xee\x80\x80", 0xe000);
  expect_char("\xef\xbf\xbf", 0xffff);
  expect_char("\xf0\x90\x80\x80", 0x10000);
  expect_char("\xf4\x8f\xbf\xbf", 0x10ffff);
}

TEST(DecodeUtf8, RefusesWhatIsIllFormed) {
  for (const char* const bytes :
       {"", "\x80", "\xbf", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xc3", "\xe2\x82",
        "\xf0\x9f\x98", "\xc3(", "\xe2(\xac", "\xe2\x82("}) {
    EXPECT_FALSE(decode_utf8(bytes).has_value()) << testing::PrintToString(bytes);
  }
}

TEST(IsControl, KnowsWhatMovesTheCursor) {
  for (const char32_t code_point : {0x00, 0x0a, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9f, 0x2028}) {
    EXPECT_TRUE(is_control(code_point));
  }
  for (const char32_t code_point : {0x20, 0x7e, 0xa0, 0xe9, 0x2027, 0x20ac, 0x1f600}) {
    EXPECT_FALSE(is_control(code_point));
  }
}

TEST(IsControl, KnowsWhatTurnsTextAround) {
  for (const char32_t code_point : {0x202a, 0x202e, 0x2066, 0x2069}) {
    EXPECT_TRUE(is_control(code_point));
  }
  // Letters from right to left and the joiners within words are text.
  for (const char32_t code_point : {0x5d0, 0x627, 0x200c, 0x200d, 0x202f, 0x2065, 0x206a}) {
    EXPECT_FALSE(is_control(code_point));
  }
}

}  // namespace
}  // namespace timewait::config
