// The example that is shipped as config/web-config.yml.
#include <fstream>
#include <regex>
#include <span>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/web_config.h"
#include "config/web_keys.h"
#include "web_files.h"

namespace timewait::config {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;
using namespace std::chrono_literals;

std::string example() {
  std::ifstream file(TIMEWAIT_EXAMPLES_DIR "/web-config.yml");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(WebExample, HasTheValuesItShows) {
  const WebConfigLoad loaded = parse_web_config(example(), "web-config.yml", web_file_reader());
  ASSERT_TRUE(loaded.config) << loaded.config.error().problems.front();
  EXPECT_THAT(loaded.files, ElementsAre("web-config.yml", "server.crt", "server.key", "ca.crt"));
  EXPECT_NE(loaded.config->tls, nullptr);
  EXPECT_THAT(loaded.config->headers, SizeIs(kHeaderKeys.size()));
  EXPECT_THAT(loaded.config->users, ElementsAre(Pair("prometheus", StartsWith("$2y$10$"))));
  ASSERT_TRUE(loaded.config->rate_limit);
  EXPECT_EQ(loaded.config->rate_limit->interval, 100ms);
  EXPECT_EQ(loaded.config->rate_limit->burst, 20u);
}

// Of two ways to give the same, one is a comment.
TEST(WebExample, HasEveryKey) {
  const std::string text = example();
  const auto expect_all = [&](std::span<const std::string_view> keys) {
    for (const std::string_view key : keys) {
      const std::regex entry("\n *(# )?" + std::string(key) + ":");
      EXPECT_TRUE(std::regex_search(text, entry)) << key;
    }
  };
  expect_all(kWebRootKeys);
  expect_all(kTlsKeys);
  expect_all(kHttpKeys);
  expect_all(kHeaderKeys);
  expect_all(kRateLimitKeys);
}

}  // namespace
}  // namespace timewait::config
