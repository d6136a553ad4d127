#include "config/web_values.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::config {
namespace {

using namespace std::chrono_literals;

TEST(RequestInterval, IsADurationOfGo) {
  const auto parsed = [](const char* text) {
    const auto interval = parse_request_interval(text);
    return interval ? *interval : -1ns;
  };
  EXPECT_EQ(parsed("0"), 0ns);
  EXPECT_EQ(parsed("0s"), 0ns);
  EXPECT_EQ(parsed("1s"), 1s);
  EXPECT_EQ(parsed("500ms"), 500ms);
  EXPECT_EQ(parsed("1.5s"), 1500ms);
  EXPECT_EQ(parsed("1m30s"), 90s);
  EXPECT_EQ(parsed("30s1m"), 90s);
  EXPECT_EQ(parsed("1h"), 1h);
  EXPECT_EQ(parsed("24h"), 24h);
  EXPECT_EQ(parsed("20us"), 20us);
  EXPECT_EQ(parsed("20\u00b5s"), 20us);
  EXPECT_EQ(parsed("20\u03bcs"), 20us);
  EXPECT_EQ(parsed("7ns"), 7ns);
}

TEST(RequestInterval, AnythingElseIsAnError) {
  for (const char* const text :
       {"", "1", "1000000000", "s", "1 s", "1x", "1d", "-1s", "+1s", "1s1", "1.s", ".5s", "1..5s",
        "1e3s", "24h1ns", "99999999999999999999h", "1s ", "0x1s"}) {
    EXPECT_FALSE(parse_request_interval(text)) << text;
  }
}

TEST(HeaderValue, IsOneLineOfPrintableAscii) {
  EXPECT_TRUE(parse_header_value("max-age=31536000; includeSubDomains"));
  EXPECT_TRUE(parse_header_value(std::string(2048, 'x')));
  for (const std::string& text :
       {std::string(), std::string(2049, 'x'), std::string("a\nb"), std::string("a\rb"),
        std::string("a\tb"), std::string("a\0b", 3), std::string("a\x7f"), std::string("\u00e9"),
        std::string(" a"), std::string("a ")}) {
    EXPECT_FALSE(parse_header_value(text)) << text;
  }
}

TEST(UserName, IsWhatAClientCanSend) {
  EXPECT_TRUE(parse_user_name("prometheus"));
  EXPECT_TRUE(parse_user_name(std::string(128, 'x')));
  for (const std::string& text : {std::string(), std::string("a:b"), std::string(129, 'x'),
                                  std::string("a\nb"), std::string("a\x7f")}) {
    EXPECT_FALSE(parse_user_name(text)) << text;
  }
}

TEST(BcryptHash, HasSixtyCharactersOfItsOwn) {
  const std::string digits = "X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
  for (const char* const head : {"$2a$04$", "$2b$12$", "$2y$16$"}) {
    EXPECT_TRUE(parse_bcrypt_hash(head + digits)) << head;
  }
  for (const char* const head : {"$2$10$", "$2x$10$", "$2c$10$", "$1a$10$", "$2a$10.", "$2a$1a$",
                                 "$2a$ 4$", "$2a$4$", "$2a$00$", "2a$10$$", ""}) {
    EXPECT_FALSE(parse_bcrypt_hash(head + digits)) << head;
  }
  EXPECT_FALSE(parse_bcrypt_hash("$2a$10$" + digits + "u"));
}

}  // namespace
}  // namespace timewait::config
