#include "page/page.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::page {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Page, IsOneDocument) {
  const std::string html = make_page("/metrics").html;
  EXPECT_THAT(html, StartsWith("<!DOCTYPE html>\n"));
  EXPECT_TRUE(html.ends_with("</html>\n"));
  EXPECT_THAT(html, Not(HasSubstr("{{")));
}

TEST(Page, LeadsToTheMetricsWithAndWithoutScript) {
  const std::string html = make_page("/other").html;
  const std::string link = "href=\"/other\"";
  const std::size_t first = html.find(link);
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(html.find(link, first + 1), std::string::npos);
  EXPECT_THAT(html, Not(HasSubstr("/metrics")));
}

TEST(Page, EscapesThePath) {
  EXPECT_THAT(make_page("/a\"b<c&d").html, HasSubstr("href=\"/a&quot;b&lt;c&amp;d\""));
}

TEST(Page, PolicyAllowsNothingByDefaultAndNothingInline) {
  const std::string policy = make_page("/metrics").content_security_policy;
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

}  // namespace
}  // namespace timewait::page
