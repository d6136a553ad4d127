#include "tls/names.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tls/cipher_suites.h"

namespace timewait::tls {
namespace {

using testing::Optional;

TEST(Names, OfVersions) {
  EXPECT_THAT(parse_version("TLS10"), Optional(Version::kTls10));
  EXPECT_THAT(parse_version("TLS11"), Optional(Version::kTls11));
  EXPECT_THAT(parse_version("TLS12"), Optional(Version::kTls12));
  EXPECT_THAT(parse_version("TLS13"), Optional(Version::kTls13));
  for (const char* const name : {"", "TLS14", "tls12", "TLS1.2", "SSL30"}) {
    EXPECT_FALSE(parse_version(name)) << name;
  }
  EXPECT_EQ(name_of(Version::kTls10), "TLS10");
  EXPECT_EQ(name_of(Version::kTls13), "TLS13");
}

TEST(Names, OfClientAuth) {
  EXPECT_THAT(parse_client_auth("NoClientCert"), Optional(ClientAuth::kNone));
  EXPECT_THAT(parse_client_auth("RequestClientCert"), Optional(ClientAuth::kRequest));
  EXPECT_THAT(parse_client_auth("RequireAnyClientCert"), Optional(ClientAuth::kRequireAny));
  EXPECT_THAT(parse_client_auth("RequireClientCert"), Optional(ClientAuth::kRequireAny));
  EXPECT_THAT(parse_client_auth("VerifyClientCertIfGiven"), Optional(ClientAuth::kVerifyIfGiven));
  EXPECT_THAT(parse_client_auth("RequireAndVerifyClientCert"),
              Optional(ClientAuth::kRequireAndVerify));
  EXPECT_FALSE(parse_client_auth("requireAndVerifyClientCert"));
  EXPECT_FALSE(parse_client_auth(""));
}

TEST(Names, OfCurves) {
  EXPECT_THAT(parse_curve("CurveP256"), Optional(Curve::kP256));
  EXPECT_THAT(parse_curve("CurveP384"), Optional(Curve::kP384));
  EXPECT_THAT(parse_curve("CurveP521"), Optional(Curve::kP521));
  EXPECT_THAT(parse_curve("X25519"), Optional(Curve::kX25519));
  EXPECT_FALSE(parse_curve("X25519MLKEM768"));
  EXPECT_FALSE(parse_curve("P256"));
}

TEST(Names, OfCipherSuitesAreAllDifferent) {
  std::set<std::string_view> names;
  std::set<std::array<std::uint8_t, 2>> ids;
  std::set<CipherSuite> suites;
  for (const CipherSuiteInfo& info : all_cipher_suites()) {
    names.insert(info.name);
    ids.insert(info.id);
    suites.insert(info.suite);
    const auto parsed = parse_cipher_suite(info.name);
    ASSERT_TRUE(parsed);
    EXPECT_THAT(*parsed, Optional(info.suite));
    EXPECT_EQ(info_of(info.suite).name, info.name);
  }
  EXPECT_EQ(names.size(), 10u);
  EXPECT_EQ(ids.size(), 10u);
  EXPECT_EQ(suites.size(), 10u);
}

TEST(Names, OfTls13SuitesAreKnownAndChooseNothing) {
  for (const char* const name :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    const auto parsed = parse_cipher_suite(name);
    ASSERT_TRUE(parsed) << name;
    EXPECT_EQ(*parsed, std::nullopt);
  }
}

TEST(Names, OfInsecureSuitesAreToldFromUnknownOnes) {
  const auto reason = [](const char* name) { return parse_cipher_suite(name).error().message; };
  EXPECT_EQ(reason("TLS_RSA_WITH_AES_128_CBC_SHA"), "is insecure, and refused as Go does");
  EXPECT_EQ(reason("TLS_ECDHE_RSA_WITH_RC4_128_SHA"), "is insecure, and refused as Go does");
  EXPECT_EQ(reason("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"), "is insecure, and refused as Go does");
  EXPECT_EQ(reason("ECDHE-RSA-AES128-GCM-SHA256"), "is not a known cipher suite");
}

}  // namespace
}  // namespace timewait::tls
