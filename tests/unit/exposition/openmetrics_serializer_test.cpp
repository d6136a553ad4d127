#include "exposition/openmetrics_serializer.h"

#include <cmath>
#include <limits>
#include <locale>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <prometheus/metric_family.h>
#include <prometheus/serializer.h>
#include <prometheus/text_serializer.h>

namespace timewait::exposition {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string serialize(const std::vector<MetricFamily>& families) {
  return make_openmetrics_serializer()->Serialize(families);
}

ClientMetric gauge_of(double value, std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric series;
  series.label = std::move(labels);
  series.gauge.value = value;
  return series;
}

ClientMetric counter_of(double value) {
  ClientMetric series;
  series.counter.value = value;
  return series;
}

TEST(OpenMetrics, NothingIsStillAnExposition) { EXPECT_EQ(serialize({}), "# EOF\n"); }

TEST(OpenMetrics, CounterFamilyHasNoSuffixButItsSamplesDo) {
  EXPECT_EQ(serialize({{"things_total", "Things.", MetricType::Counter, {counter_of(3)}}}),
            "# TYPE things counter\n"
            "# HELP things Things.\n"
            "things_total 3\n"
            "# EOF\n");
}

TEST(OpenMetrics, UnitOfACounterStandsBeforeTotal) {
  const std::string text =
      serialize({{"process_cpu_seconds_total", "CPU.", MetricType::Counter, {counter_of(0.5)}}});
  EXPECT_EQ(text,
            "# TYPE process_cpu_seconds counter\n"
            "# UNIT process_cpu_seconds seconds\n"
            "# HELP process_cpu_seconds CPU.\n"
            "process_cpu_seconds_total 0.5\n"
            "# EOF\n");
}

// OpenMetrics: a family with a unit must have it as the suffix of its name.
TEST(OpenMetrics, NoUnitLineUnlessTheNameEndsWithIt) {
  EXPECT_EQ(serialize({{"timewait_outbound_ports_used", "P.", MetricType::Gauge, {gauge_of(1)}}}),
            "# TYPE timewait_outbound_ports_used gauge\n"
            "# HELP timewait_outbound_ports_used P.\n"
            "timewait_outbound_ports_used 1\n"
            "# EOF\n");
}

TEST(OpenMetrics, HelpAndLabelValuesAreEscaped) {
  const std::string odd = "a\"b\\c\nd \u00fc\u4e2d";
  EXPECT_EQ(serialize({{"x", odd, MetricType::Gauge, {gauge_of(1, {{"l", odd}, {"m", ""}})}}}),
            "# TYPE x gauge\n"
            "# HELP x a\\\"b\\\\c\\nd \u00fc\u4e2d\n"
            "x{l=\"a\\\"b\\\\c\\nd \u00fc\u4e2d\",m=\"\"} 1\n"
            "# EOF\n");
}

TEST(OpenMetrics, Histogram) {
  ClientMetric series;
  series.label = {{"l", "v"}};
  series.histogram = {5, 1.25, {{1, 0.001}, {4, 2.5}}};
  const std::string expected =
      "# TYPE h histogram\n"
      "# HELP h H.\n"
      "h_bucket{l=\"v\",le=\"0.001\"} 1\n"
      "h_bucket{l=\"v\",le=\"2.5\"} 4\n"
      "h_bucket{l=\"v\",le=\"+Inf\"} 5\n"
      "h_count{l=\"v\"} 5\n"
      "h_sum{l=\"v\"} 1.25\n"
      "# EOF\n";
  EXPECT_EQ(serialize({{"h", "H.", MetricType::Histogram, {series}}}), expected);
  series.histogram.bucket.push_back({5, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(serialize({{"h", "H.", MetricType::Histogram, {series}}}), expected);
}

std::string last_word(const std::string& line) { return line.substr(line.rfind(' ') + 1); }

TEST(OpenMetrics, NumbersAreSpelledAsInTextFormat) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0,
                             -0.0,
                             1.0,
                             -1.0,
                             0.1,
                             0.7,
                             1.0 / 3,
                             2.0 / 3,
                             28232.0,
                             0.9957847,
                             1e-4,
                             1e-5,
                             1.5e-7,
                             123456789.0,
                             1700003600.125,
                             1700000000.1234567,
                             9007199254740993.0,
                             1e15,
                             1e16,
                             1e17,
                             123456789012345678.0,
                             1.8446744073709552e19,
                             1e21,
                             1e300,
                             5e-324,
                             infinity,
                             -infinity,
                             std::nan("")}) {
    const std::string text =
        prometheus::TextSerializer().Serialize({{"x", "", MetricType::Gauge, {gauge_of(value)}}});
    const std::string openmetrics = serialize({{"x", "", MetricType::Gauge, {gauge_of(value)}}});
    const std::string eof = "# EOF\n";
    ASSERT_TRUE(openmetrics.ends_with(eof));
    EXPECT_EQ(last_word(openmetrics.substr(0, openmetrics.size() - eof.size())), last_word(text));
  }
}

class CommaPunctuation : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(OpenMetrics, TheGlobalLocaleDoesNotMatter) {
  const std::vector<MetricFamily> families = {
      {"x", "X.", MetricType::Gauge, {gauge_of(1234567.25)}}};
  const std::locale saved =
      std::locale::global(std::locale(std::locale::classic(), new CommaPunctuation));
  const std::string openmetrics = serialize(families);
  const std::string text = prometheus::TextSerializer().Serialize(families);
  std::locale::global(saved);
  EXPECT_THAT(openmetrics, testing::HasSubstr("x 1234567.25\n"));
  EXPECT_THAT(text, testing::HasSubstr("x 1234567.25\n"));
}

TEST(OpenMetricsDeathTest, OtherTypesAbort) {
  EXPECT_DEATH(serialize({{"x", "X.", MetricType::Summary, {ClientMetric()}}}), "");
}

}  // namespace
}  // namespace timewait::exposition
