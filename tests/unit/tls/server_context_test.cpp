// What makes a context, what does not, and that a new one holds from the next connection on.
#include "tls/server_context.h"

#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "handshake.h"
#include "made_certificates.h"

namespace timewait::tls {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::StartsWith;
using Setting = Fault::Setting;

class ServerContextTest : public testing::Test {
 protected:
  ServerContextTest() { use(make_identity({.common_name = "first"})); }

  void use(const Identity& identity) {
    settings_.certificate_pem = identity.certificate_pem;
    settings_.key_pem = identity.key_pem;
  }
  std::vector<Fault> faults() const {
    const auto context = ServerContext::create(settings_);
    return context ? std::vector<Fault>{} : context.error();
  }
  Handshake shake() const {
    const auto context = ServerContext::create(settings_);
    return context ? shake_hands(**context, {}) : Handshake{};
  }

  ServerSettings settings_;
};

auto is_fault(Setting setting, const std::string& beginning) {
  return AllOf(Field("setting", &Fault::setting, setting),
               Field("message", &Fault::message, StartsWith(beginning)));
}

TEST_F(ServerContextTest, ShowsItsCertificate) {
  const Handshake handshake = shake();
  EXPECT_TRUE(handshake.completed);
  EXPECT_EQ(handshake.server_common_name, "first");
}

TEST_F(ServerContextTest, TheNextContextHoldsFromTheNextConnectionOn) {
  const auto first = ServerContext::create(settings_);
  use(make_identity({.common_name = "second", .key_kind = GNUTLS_PK_RSA}));
  const auto second = ServerContext::create(settings_);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(shake_hands(**first, {}).server_common_name, "first");
  EXPECT_EQ(shake_hands(**second, {}).server_common_name, "second");
}

TEST_F(ServerContextTest, ServesManyThreads) {
  settings_.client_auth = ClientAuth::kRequireAny;
  const auto context = ServerContext::create(settings_);
  ASSERT_TRUE(context);
  const Client client{"NORMAL", make_identity({})};
  std::vector<int> completed(4);
  std::vector<std::thread> threads;
  threads.reserve(completed.size());
  for (int& count : completed) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) count += shake_hands(**context, client).completed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(completed, testing::Each(10));
}

TEST_F(ServerContextTest, TheCertificateMayBeExpiredAsInGo) {
  use(make_identity({.is_expired = true}));
  EXPECT_TRUE(shake().completed);
}

TEST_F(ServerContextTest, WhatElseIsInAFileDoesNotMatter) {
  settings_.certificate_pem = "subject: first\n" + settings_.key_pem + settings_.certificate_pem;
  settings_.key_pem =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
      "-----END EC PARAMETERS-----\n" +
      settings_.key_pem;
  EXPECT_TRUE(shake().completed);
}

TEST_F(ServerContextTest, NoPemIsAFaultOfEach) {
  settings_.certificate_pem = "";
  settings_.key_pem = "";
  settings_.client_ca_pem = "";
  settings_.client_auth = ClientAuth::kRequireAndVerify;
  EXPECT_THAT(faults(),
              testing::UnorderedElementsAre(is_fault(Setting::kCertificate, "holds no certificate"),
                                            is_fault(Setting::kKey, "holds no private key"),
                                            is_fault(Setting::kClientCa, "holds no certificate")));
}

TEST_F(ServerContextTest, SwappedCertificateAndKeyAreFaults) {
  std::swap(settings_.certificate_pem, settings_.key_pem);
  EXPECT_THAT(faults(), ElementsAre(is_fault(Setting::kCertificate, "holds no certificate"),
                                    is_fault(Setting::kKey, "holds no private key")));
}

TEST_F(ServerContextTest, DamagedPemIsAFault) {
  const std::string good_certificate = settings_.certificate_pem;
  settings_.certificate_pem.replace(100, 40, "");
  settings_.key_pem.replace(60, 40, "");
  EXPECT_THAT(
      faults(),
      ElementsAre(is_fault(Setting::kCertificate, "holds a certificate that cannot be read"),
                  is_fault(Setting::kKey, "holds a private key that cannot be read")));
  settings_.certificate_pem = good_certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n";
  EXPECT_THAT(faults(), testing::Contains(is_fault(Setting::kCertificate,
                                                   "holds a certificate that cannot be read")));
}

TEST_F(ServerContextTest, TheKeyOfAnotherCertificateIsAFault) {
  settings_.key_pem = make_identity({}).key_pem;
  EXPECT_THAT(faults(), ElementsAre(is_fault(Setting::kKey, "is not the key of the certificate")));
  settings_.key_pem = make_identity({.key_kind = GNUTLS_PK_RSA}).key_pem;
  EXPECT_THAT(faults(), ElementsAre(is_fault(Setting::kKey, "is not the key of the certificate")));
}

TEST_F(ServerContextTest, AChainThatBeginsWithAnotherCertificateIsAFault) {
  settings_.certificate_pem = make_identity({}).certificate_pem + settings_.certificate_pem;
  EXPECT_THAT(faults(), ElementsAre(is_fault(Setting::kKey, "is not the key of the certificate")));
}

TEST_F(ServerContextTest, ACertificateOfAnUnknownCurveIsAFault) {
  settings_.certificate_pem = of_unknown_curve(settings_.certificate_pem);
  EXPECT_THAT(faults(), ElementsAre(is_fault(Setting::kCertificate, "cannot be used: ")));
}

TEST_F(ServerContextTest, AnEncryptedKeyIsAFault) {
  settings_.key_pem = encrypted(settings_.key_pem);
  EXPECT_THAT(faults(),
              ElementsAre(is_fault(Setting::kKey, "holds a private key that is encrypted")));
}

TEST_F(ServerContextTest, NoFaultTellsTheKey) {
  settings_.key_pem.replace(60, 40, "");
  const std::string secret = settings_.key_pem.substr(40, 10);
  for (const Fault& fault : faults()) EXPECT_THAT(fault.message, Not(HasSubstr(secret)));
}

TEST_F(ServerContextTest, ContradictionsAreFaultsAllAtOnce) {
  settings_.min_version = Version::kTls13;
  settings_.max_version = Version::kTls12;
  settings_.client_auth = ClientAuth::kVerifyIfGiven;
  settings_.client_allowed_sans = {"scraper.example"};
  EXPECT_THAT(faults(),
              ElementsAre(is_fault(Setting::kVersions, "TLS12 is below the lowest version, TLS13"),
                          is_fault(Setting::kClientAuth, "needs client_ca"),
                          is_fault(Setting::kClientAllowedSans, "is given, but clients may come")));
}

TEST_F(ServerContextTest, AnAuthorityThatNobodyIsHeldToIsAFault) {
  settings_.client_ca_pem = make_identity({.is_authority = true}).certificate_pem;
  EXPECT_THAT(faults(), ElementsAre(is_fault(Setting::kClientCa, "is given, but clients are not")));
  settings_.client_auth = ClientAuth::kRequest;
  EXPECT_THAT(faults(), testing::IsEmpty());
}

TEST_F(ServerContextTest, ASessionThatNobodyPreparedShowsNothing) {
  EXPECT_LT(
      refuse_handshake(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), 0);
}

}  // namespace
}  // namespace timewait::tls
