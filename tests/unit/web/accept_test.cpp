#include "web/accept.h"

#include <array>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace timewait::web {
namespace {

const std::array kOffers = {
    MediaOffer{"text/plain", {"0.0.4"}},
    MediaOffer{"application/openmetrics-text", {"1.0.0", "0.0.1"}},
};
constexpr std::size_t kText = 0;
constexpr std::size_t kOpenMetrics = 1;

struct MediaCase {
  const char* name;
  std::string accept;
  std::size_t expected;
};
void PrintTo(const MediaCase& c, std::ostream* out) { *out << c.accept; }

class BestMediaType : public testing::TestWithParam<MediaCase> {};

TEST_P(BestMediaType, IsTheOneTheClientWantsMost) {
  EXPECT_EQ(best_media_type(GetParam().accept, kOffers), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Clients, BestMediaType,
    testing::Values(
        MediaCase{"Prometheus2",
                  "application/openmetrics-text;version=1.0.0,"
                  "application/openmetrics-text;version=0.0.1;q=0.75,"
                  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                  kOpenMetrics},
        MediaCase{"Prometheus3",
                  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                  "application/openmetrics-text;version=0.0.1;q=0.4,"
                  "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                  "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                  kOpenMetrics},
        MediaCase{"PrometheusThatPrefersText",
                  "text/plain;version=0.0.4;q=0.6,"
                  "application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1",
                  kText},
        MediaCase{"PrometheusThatPrefersProtobuf",
                  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                  "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,"
                  "*/*;q=0.2",
                  kOpenMetrics},
        MediaCase{"Browser",
                  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
                  kText},
        MediaCase{"Curl", "*/*", kText},
        MediaCase{"JavaUrlConnection", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
                  kText}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rules, BestMediaType,
    testing::Values(
        MediaCase{"Absent", "", kText},  //
        MediaCase{"NothingMatches", "image/png", kText},
        MediaCase{"NothingIsAcceptable", "*/*;q=0", kText},
        MediaCase{"RangeWithoutVersion", "application/openmetrics-text", kOpenMetrics},
        MediaCase{"VersionThatIsNotOffered",
                  "application/openmetrics-text;version=2.0.0, text/plain;q=0.1", kText},
        MediaCase{"SecondOfTwoVersions", "application/openmetrics-text;version=0.0.1",
                  kOpenMetrics},
        MediaCase{"QuotedVersion", "application/openmetrics-text; version=\"1.0.0\"", kOpenMetrics},
        MediaCase{"QuotedCommaAndEscapedQuote",
                  "text/html;a=\"x\\\",application/foo;q=0\", application/openmetrics-text",
                  kOpenMetrics},
        MediaCase{"CaseOfNamesIsFree", "Application/OpenMetrics-Text;VERSION=1.0.0;Q=1.0",
                  kOpenMetrics},
        MediaCase{"BlanksAreFree", " text/plain ;\tq=0.5 ,\tapplication/openmetrics-text ; q=0.51 ",
                  kOpenMetrics},
        MediaCase{"AnySubtype", "application/*, text/plain;q=0.9", kOpenMetrics},
        MediaCase{"EqualWeights", "application/openmetrics-text, text/plain", kText},
        MediaCase{"ExclusionOfTheDefault", "*/*, text/plain;q=0", kOpenMetrics},
        MediaCase{"ExclusionOfAllText", "text/*;q=0, */*;q=0.1", kOpenMetrics},
        MediaCase{"TypeOutranksAnyType", "text/plain;q=0.2, */*;q=0.5", kOpenMetrics},
        MediaCase{"SubtypeOutranksAnySubtype",
                  "application/openmetrics-text;q=0.1, application/*, text/plain;q=0.5", kText},
        MediaCase{"VersionOutranksNoVersion",
                  "text/plain;version=0.0.4;q=0.1, text/plain, application/openmetrics-text;q=0.5",
                  kOpenMetrics},
        MediaCase{"TheBetterOfTwoVersions",
                  "application/openmetrics-text;version=1.0.0;q=0.1, text/plain;q=0.5,"
                  "application/openmetrics-text;version=0.0.1;q=0.9",
                  kOpenMetrics},
        MediaCase{"SmallestWeight", "application/openmetrics-text;q=0.001", kOpenMetrics}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Malformed, BestMediaType,
    testing::Values(MediaCase{"WeightAboveOne", "application/openmetrics-text;q=1.001", kText},
                    MediaCase{"WeightIsNoNumber", "application/openmetrics-text;q=high", kText},
                    MediaCase{"WeightIsNegative", "application/openmetrics-text;q=-1", kText},
                    MediaCase{"WeightIsEmpty", "application/openmetrics-text;q=", kText},
                    MediaCase{"WeightTooPrecise", "application/openmetrics-text;q=0.0001", kText},
                    MediaCase{"NoSubtype", "application", kText},
                    MediaCase{"OnlySeparators", ",;,;=,;q=1,,", kText},
                    MediaCase{"OpenQuote", "application/openmetrics-text;version=\"1.0.0", kText},
                    MediaCase{"OpenEscape", "application/openmetrics-text;version=\"\\", kText},
                    MediaCase{"LoneQuote", "\"", kText},
                    MediaCase{"OneBadElementDoesNotSpoilTheRest",
                              "text/plain;q=x, application/openmetrics-text;q=0.5", kOpenMetrics}),
    [](const auto& test) { return test.param.name; });

struct EncodingCase {
  const char* name;
  std::string accept_encoding;
  bool expected;
};
void PrintTo(const EncodingCase& c, std::ostream* out) { *out << c.accept_encoding; }

class AcceptsGzip : public testing::TestWithParam<EncodingCase> {};

TEST_P(AcceptsGzip, FollowsTheHeader) {
  EXPECT_EQ(accepts_gzip(GetParam().accept_encoding), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Encodings, AcceptsGzip,
    testing::Values(
        EncodingCase{"Absent", "", false},  //
        EncodingCase{"Prometheus", "gzip", true},
        EncodingCase{"Browser", "gzip, deflate, br, zstd", true},
        EncodingCase{"UpperCase", "GZIP", true}, EncodingCase{"OldName", "x-gzip", true},
        EncodingCase{"Anything", "*", true}, EncodingCase{"OtherCodings", "br, deflate", false},
        EncodingCase{"OnlyIdentity", "identity", false}, EncodingCase{"Weight", "gzip;q=0.1", true},
        EncodingCase{"Refused", "gzip;q=0", false},
        EncodingCase{"RefusedInFull", "gzip; q=0.000", false},
        EncodingCase{"RefusedAlthoughAnythingGoes", "gzip;q=0, *", false},
        EncodingCase{"AnythingIsRefused", "*;q=0", false},
        EncodingCase{"OnlyGzipGoes", "gzip, *;q=0", true},
        EncodingCase{"OneOfItsNamesIsRefused", "x-gzip;q=0, gzip", true},
        EncodingCase{"IdentityIsWantedMore", "identity, gzip;q=0.5", false},
        EncodingCase{"IdentityIsWantedAsMuch", "identity, gzip", true},
        EncodingCase{"IdentityIsRefused", "identity;q=0, gzip;q=0.1", true},
        EncodingCase{"LongerName", "gzipped", false},
        EncodingCase{"MalformedWeight", "gzip;q=yes", false}, EncodingCase{"Junk", ";;,\"", false}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace timewait::web
