#include "config/value_text.h"

#include <optional>
#include <string_view>

#include <gtest/gtest.h>

namespace timewait::config {
namespace {

TEST(ParseDecimal, ReadsNoFurtherThanItsText) {
  constexpr std::string_view kText = "0.5525";
  EXPECT_EQ(parse_decimal(kText), 0.5525);
  EXPECT_EQ(parse_decimal(kText.substr(0, 3)), 0.5);
  EXPECT_EQ(parse_decimal(kText.substr(0, 1)), 0);
  EXPECT_EQ(parse_decimal(kText.substr(0, 2)), std::nullopt);
}

}  // namespace
}  // namespace timewait::config
