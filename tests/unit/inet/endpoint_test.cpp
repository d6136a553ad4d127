#include "inet/endpoint.h"

#include <gtest/gtest.h>

namespace timewait::inet {
namespace {

TEST(Endpoint, IsWrittenAsUrlsWriteIt) {
  EXPECT_EQ((Endpoint{*Address::parse("127.0.0.1"), 8080}).to_string(), "127.0.0.1:8080");
  EXPECT_EQ((Endpoint{*Address::parse("::1"), 65535}).to_string(), "[::1]:65535");
  EXPECT_EQ((Endpoint{*Address::parse("::ffff:10.0.0.1"), 1}).to_string(), "10.0.0.1:1");
}

}  // namespace
}  // namespace timewait::inet
