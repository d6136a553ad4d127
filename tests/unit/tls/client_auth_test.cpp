// Which clients may connect, and what those that may not are told.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "handshake.h"
#include "made_certificates.h"
#include "tls/server_context.h"

namespace timewait::tls {
namespace {

using testing::Optional;

const Identity& authority() {
  static const Identity kMade = make_identity({.common_name = "authority", .is_authority = true});
  return kMade;
}

Identity client_identity(CertificateWishes wishes = {}) {
  if (wishes.purpose == nullptr) wishes.purpose = GNUTLS_KP_TLS_WWW_CLIENT;
  return make_identity(wishes, authority());
}

// In both versions, as they differ in when and how a client is checked.
class ClientAuthTest : public testing::TestWithParam<std::string> {
 protected:
  ClientAuthTest() {
    const Identity server = make_identity({.common_name = "server"});
    settings_.certificate_pem = server.certificate_pem;
    settings_.key_pem = server.key_pem;
  }
  void ask(ClientAuth auth) {
    settings_.client_auth = auth;
    settings_.client_ca_pem.reset();
    if (auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify) {
      settings_.client_ca_pem = authority().certificate_pem;
    }
  }
  Handshake shake(const std::optional<Identity>& identity) const {
    const auto context = ServerContext::create(settings_);
    if (!context) {
      ADD_FAILURE() << context.error().front().message;
      return {};
    }
    return shake_hands(**context, {"NORMAL:-VERS-ALL:+VERS-" + GetParam(), identity});
  }
  void expect_in(const std::optional<Identity>& identity) const {
    const Handshake handshake = shake(identity);
    EXPECT_TRUE(handshake.completed);
    EXPECT_FALSE(handshake.alert) << gnutls_alert_get_name(*handshake.alert);
  }
  void expect_out(const std::optional<Identity>& identity, gnutls_alert_description_t alert) const {
    const Handshake handshake = shake(identity);
    EXPECT_FALSE(handshake.completed);
    EXPECT_THAT(handshake.alert, Optional(alert));
  }
  gnutls_alert_description_t alert_for_none() const {
    return GetParam() == "TLS1.3" ? GNUTLS_A_CERTIFICATE_REQUIRED : GNUTLS_A_HANDSHAKE_FAILURE;
  }

  ServerSettings settings_;
};

INSTANTIATE_TEST_SUITE_P(Versions, ClientAuthTest, testing::Values("TLS1.2", "TLS1.3"),
                         [](const auto& test) {
                           return test.param.substr(5) == "2" ? "Tls12" : "Tls13";
                         });

TEST_P(ClientAuthTest, NobodyIsAskedByDefault) {
  expect_in(std::nullopt);
  expect_in(client_identity());
}

TEST_P(ClientAuthTest, ARequestIsNoCondition) {
  ask(ClientAuth::kRequest);
  expect_in(std::nullopt);
  expect_in(client_identity());
  expect_in(make_identity({}));
}

TEST_P(ClientAuthTest, AnyCertificateWillDoIfAnyIsRequired) {
  ask(ClientAuth::kRequireAny);
  expect_out(std::nullopt, alert_for_none());
  expect_in(client_identity());
  expect_in(make_identity({.common_name = "stranger", .is_expired = true}));
  expect_in(client_identity({.purpose = GNUTLS_KP_TLS_WWW_SERVER}));
}

TEST_P(ClientAuthTest, VerifiesOnlyWhatIsGiven) {
  ask(ClientAuth::kVerifyIfGiven);
  expect_in(std::nullopt);
  expect_in(client_identity());
  expect_out(make_identity({.common_name = "stranger"}), GNUTLS_A_UNKNOWN_CA);
}

TEST_P(ClientAuthTest, RequiresAndVerifies) {
  ask(ClientAuth::kRequireAndVerify);
  expect_out(std::nullopt, alert_for_none());
  expect_in(client_identity());
  expect_out(make_identity({.common_name = "stranger"}), GNUTLS_A_UNKNOWN_CA);
  expect_out(client_identity({.is_expired = true}), GNUTLS_A_CERTIFICATE_EXPIRED);
  expect_out(client_identity({.purpose = GNUTLS_KP_TLS_WWW_SERVER}), GNUTLS_A_BAD_CERTIFICATE);
}

TEST_P(ClientAuthTest, ACertificateForNoPurposeIsForAny) {
  ask(ClientAuth::kRequireAndVerify);
  expect_in(make_identity({}, authority()));
}

TEST_P(ClientAuthTest, AnIntermediateAuthorityIsFollowed) {
  ask(ClientAuth::kRequireAndVerify);
  const Identity middle =
      make_identity({.common_name = "middle", .is_authority = true}, authority());
  Identity client = make_identity({}, middle);
  expect_out(client, GNUTLS_A_UNKNOWN_CA);
  client.certificate_pem += middle.certificate_pem;
  expect_in(client);
}

// Somebody's own certificate does not make them an authority.
TEST_P(ClientAuthTest, ACertificateSignedByAClientIsRefused) {
  ask(ClientAuth::kRequireAndVerify);
  const Identity client = client_identity({.common_name = "client"});
  Identity forged = make_identity({.common_name = "forged"}, client);
  forged.certificate_pem += client.certificate_pem;
  const Handshake handshake = shake(forged);
  EXPECT_FALSE(handshake.completed);
  EXPECT_TRUE(handshake.alert);
}

// Same name, another key.
TEST_P(ClientAuthTest, AnAuthorityOfTheSameNameIsAnother) {
  ask(ClientAuth::kRequireAndVerify);
  const Identity impostor = make_identity({.common_name = "authority", .is_authority = true});
  const Handshake handshake = shake(make_identity({}, impostor));
  EXPECT_FALSE(handshake.completed);
  EXPECT_TRUE(handshake.alert);
}

TEST_P(ClientAuthTest, ALoneCertificateCanBeItsOwnAuthority) {
  ask(ClientAuth::kRequireAndVerify);
  const Identity lone = make_identity({.common_name = "lone"});
  settings_.client_ca_pem = lone.certificate_pem;
  expect_in(lone);
  expect_out(client_identity(), GNUTLS_A_UNKNOWN_CA);
}

TEST_P(ClientAuthTest, SeveralAuthoritiesCount) {
  ask(ClientAuth::kRequireAndVerify);
  const Identity second = make_identity({.common_name = "second", .is_authority = true});
  *settings_.client_ca_pem += second.certificate_pem;
  expect_in(client_identity());
  expect_in(make_identity({}, second));
}

// Whoever shows a certificate must have its key, even where any will do.
TEST_P(ClientAuthTest, ACertificateOfSomebodyElseIsRefused) {
  Identity thief = client_identity();
  thief.key_pem = make_identity({}).key_pem;
  for (const ClientAuth auth : {ClientAuth::kRequest, ClientAuth::kRequireAny,
                                ClientAuth::kVerifyIfGiven, ClientAuth::kRequireAndVerify}) {
    ask(auth);
    EXPECT_FALSE(shake(thief).completed) << static_cast<int>(auth);
  }
}

TEST_P(ClientAuthTest, NamesAreComparedToTheLetter) {
  ask(ClientAuth::kRequireAndVerify);
  const Identity client =
      client_identity({.common_name = "cn.example",
                       .names = {{GNUTLS_SAN_DNSNAME, "scraper.example"},
                                 {GNUTLS_SAN_RFC822NAME, "ops@example.org"},
                                 {GNUTLS_SAN_IPADDRESS, std::string("\x0a\0\0\x01", 4)},
                                 {GNUTLS_SAN_IPADDRESS,
                                  std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16)},
                                 {GNUTLS_SAN_URI, "spiffe://example/scraper"}}});
  for (const char* const name : {"scraper.example", "ops@example.org", "10.0.0.1", "2001:db8::1",
                                 "spiffe://example/scraper"}) {
    settings_.client_allowed_sans = {"another", name};
    SCOPED_TRACE(name);
    expect_in(client);
  }
  for (const char* const name : {"cn.example", "example", "scraper.example.", "SCRAPER.example",
                                 "*.example", "10.0.0.2", "2001:DB8::1", "spiffe://example"}) {
    settings_.client_allowed_sans = {name};
    SCOPED_TRACE(name);
    expect_out(client, GNUTLS_A_BAD_CERTIFICATE);
  }
}

TEST_P(ClientAuthTest, NamesAreDemandedOfAnyCertificateToo) {
  ask(ClientAuth::kRequireAny);
  settings_.client_allowed_sans = {"scraper.example"};
  expect_in(make_identity({.names = {{GNUTLS_SAN_DNSNAME, "scraper.example"}}}));
  expect_out(make_identity({.names = {{GNUTLS_SAN_DNSNAME, "other.example"}}}),
             GNUTLS_A_BAD_CERTIFICATE);
  expect_out(make_identity({}), GNUTLS_A_BAD_CERTIFICATE);
  expect_out(std::nullopt, alert_for_none());
}

}  // namespace
}  // namespace timewait::tls
