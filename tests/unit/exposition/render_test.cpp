#include "exposition/render.h"

#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>

#include "sample_input.h"

namespace timewait::exposition {
namespace {

using testing::HasSubstr;

std::set<std::string> samples_of(const std::string& exposition) {
  std::set<std::string> samples;
  std::istringstream in(exposition);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    EXPECT_TRUE(samples.insert(line).second) << line;
  }
  return samples;
}

TEST(Render, BothFormatsHaveTheSameSamples) {
  for (const Input& input : {input_with_all(), input_with({}), input_before_first_poll()}) {
    EXPECT_EQ(samples_of(render(input, Format::kText)),
              samples_of(render(input, Format::kOpenMetrics)));
  }
}

TEST(Render, OddNamesAreEscapedInBothFormats) {
  analysis::Snapshot snapshot;
  snapshot.configured_peers.resize(1);
  snapshot.configured_peers[0].name = "a\"b\\c\nd \u00fc\u4e2d";
  snapshot.listeners.resize(1);
  snapshot.listeners[0].name = "{x=\"y\"}";
  const Input input = input_with(snapshot);
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    const std::string text = render(input, format);
    EXPECT_THAT(text, HasSubstr("\ntimewait_outbound_ports_used{peer=\"a\\\"b\\\\c\\nd "
                                "\u00fc\u4e2d\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\ntimewait_listen_queue_sockets{listener=\"{x=\\\"y\\\"}\"} 0\n"));
  }
}

TEST(Render, NoMetadataWithoutSamples) {
  const Input input = input_before_first_poll();
  for (const Format format : {Format::kText, Format::kOpenMetrics}) {
    EXPECT_THAT(render(input, format), testing::Not(HasSubstr("timewait_outbound")));
  }
}

TEST(Render, OnlyOpenMetricsEndsWithEof) {
  const Input input = input_before_first_poll();
  EXPECT_TRUE(render(input, Format::kOpenMetrics).ends_with("\n# EOF\n"));
  EXPECT_THAT(render(input, Format::kText), testing::Not(HasSubstr("EOF")));
}

TEST(Render, ContentType) {
  EXPECT_EQ(content_type(Format::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(content_type(Format::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace timewait::exposition
