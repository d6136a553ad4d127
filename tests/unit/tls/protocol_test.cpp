// Versions, cipher suites and curves, seen by a client.
#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "handshake.h"
#include "made_certificates.h"
#include "tls/server_context.h"

namespace timewait::tls {
namespace {

using testing::EndsWith;
using testing::Not;

const Identity& rsa_identity() {
  static const Identity kMade = make_identity({.key_kind = GNUTLS_PK_RSA});
  return kMade;
}

ServerSettings settings_with(const Identity& identity) {
  ServerSettings settings;
  settings.certificate_pem = identity.certificate_pem;
  settings.key_pem = identity.key_pem;
  return settings;
}

ServerSettings rsa_settings() { return settings_with(rsa_identity()); }

Handshake shake(const ServerSettings& settings, const std::string& priorities) {
  const auto context = ServerContext::create(settings);
  if (!context) {
    ADD_FAILURE() << context.error().front().message;
    return {};
  }
  return shake_hands(**context, {priorities, std::nullopt});
}

std::string only(const std::string& version) { return "NORMAL:-VERS-ALL:+VERS-TLS" + version; }

std::string only_with(const std::string& version, const std::string& cipher) {
  return only(version) + ":-CIPHER-ALL:+" + cipher;
}

TEST(Versions, AreTls12AndTls13ByDefault) {
  const ServerSettings settings = rsa_settings();
  EXPECT_EQ(shake(settings, "NORMAL").version, GNUTLS_TLS1_3);
  EXPECT_TRUE(shake(settings, only("1.3")).completed);
  const Handshake tls12 = shake(settings, only("1.2"));
  EXPECT_TRUE(tls12.completed);
  EXPECT_EQ(tls12.version, GNUTLS_TLS1_2);
  EXPECT_FALSE(shake(settings, only("1.1")).completed);
  EXPECT_FALSE(shake(settings, only("1.0")).completed);
}

TEST(Versions, OldOnesAreSpokenIfAskedFor) {
  for (const gnutls_pk_algorithm_t kind : {GNUTLS_PK_RSA, GNUTLS_PK_ECDSA}) {
    ServerSettings settings = settings_with(make_identity({.key_kind = kind}));
    settings.min_version = Version::kTls10;
    EXPECT_EQ(shake(settings, only("1.0")).version, GNUTLS_TLS1_0);
    EXPECT_TRUE(shake(settings, only("1.0")).completed);
    EXPECT_TRUE(shake(settings, only("1.1")).completed);
    EXPECT_EQ(shake(settings, "NORMAL").version, GNUTLS_TLS1_3);
    settings.min_version = Version::kTls11;
    EXPECT_TRUE(shake(settings, only("1.1")).completed);
    EXPECT_FALSE(shake(settings, only("1.0")).completed);
  }
}

TEST(Versions, TheHighestIsABound) {
  ServerSettings settings = rsa_settings();
  settings.max_version = Version::kTls12;
  EXPECT_EQ(shake(settings, "NORMAL").version, GNUTLS_TLS1_2);
  EXPECT_FALSE(shake(settings, only("1.3")).completed);
  settings.min_version = Version::kTls10;
  settings.max_version = Version::kTls11;
  EXPECT_TRUE(shake(settings, only("1.1")).completed);
  EXPECT_FALSE(shake(settings, only("1.2")).completed);
}

TEST(Versions, Tls13Alone) {
  ServerSettings settings = rsa_settings();
  settings.min_version = Version::kTls13;
  EXPECT_TRUE(shake(settings, only("1.3")).completed);
  EXPECT_FALSE(shake(settings, only("1.2")).completed);
}

// RFC 8446, 4.1.3: else somebody in between could talk both sides down.
TEST(Versions, AClientThatEndsUpWithTls12CanTellThatTls13WasThere) {
  ServerSettings settings = rsa_settings();
  const Handshake handshake = shake(settings, only("1.2"));
  ASSERT_EQ(handshake.server_random.size(), 32u);
  EXPECT_THAT(handshake.server_random, EndsWith("DOWNGRD\x01"));
  settings.max_version = Version::kTls12;
  EXPECT_THAT(shake(settings, only("1.2")).server_random, Not(EndsWith("DOWNGRD\x01")));
}

TEST(Keys, OfEveryUsableKindServe) {
  for (const gnutls_pk_algorithm_t kind :
       {GNUTLS_PK_RSA, GNUTLS_PK_ECDSA, GNUTLS_PK_EDDSA_ED25519}) {
    const Identity issuer = make_identity({.is_authority = true});
    const ServerSettings settings = settings_with(make_identity({.key_kind = kind}, issuer));
    EXPECT_TRUE(shake(settings, only("1.2")).completed) << kind;
    EXPECT_TRUE(shake(settings, only("1.3")).completed) << kind;
  }
}

constexpr std::array<const char*, 5> kCiphers = {"AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305",
                                                 "AES-128-CBC", "AES-256-CBC"};

TEST(CipherSuites, AllOfGosAreThereByDefaultTheBestFirst) {
  for (const char* const cipher : kCiphers) {
    EXPECT_EQ(shake(rsa_settings(), only_with("1.2", cipher)).cipher, cipher);
  }
  EXPECT_EQ(shake(rsa_settings(), only("1.2")).cipher, "AES-128-GCM");
}

TEST(CipherSuites, WithoutForwardSecrecyAreRefused) {
  EXPECT_FALSE(shake(rsa_settings(), only("1.2") + ":-KX-ALL:+RSA").completed);
  EXPECT_FALSE(shake(rsa_settings(), only("1.2") + ":-KX-ALL:+DHE-RSA").completed);
  EXPECT_FALSE(shake(rsa_settings(), only("1.2") + ":-KX-ALL:+ANON-ECDH").completed);
}

// For each suite of Go's: a server that is restricted to it takes nothing else.
TEST(CipherSuites, EachCanBeTheOnlyOne) {
  struct Choice {
    CipherSuite rsa;
    CipherSuite ecdsa;
    std::string cipher;
  };
  const std::array<Choice, 5> choices = {{
      {CipherSuite::kEcdheRsaAes128GcmSha256, CipherSuite::kEcdheEcdsaAes128GcmSha256,
       "AES-128-GCM"},
      {CipherSuite::kEcdheRsaAes256GcmSha384, CipherSuite::kEcdheEcdsaAes256GcmSha384,
       "AES-256-GCM"},
      {CipherSuite::kEcdheRsaChacha20Poly1305, CipherSuite::kEcdheEcdsaChacha20Poly1305,
       "CHACHA20-POLY1305"},
      {CipherSuite::kEcdheRsaAes128CbcSha, CipherSuite::kEcdheEcdsaAes128CbcSha, "AES-128-CBC"},
      {CipherSuite::kEcdheRsaAes256CbcSha, CipherSuite::kEcdheEcdsaAes256CbcSha, "AES-256-CBC"},
  }};
  const ServerSettings ecdsa = settings_with(make_identity({}));
  for (const Choice& choice : choices) {
    for (ServerSettings settings : {rsa_settings(), ecdsa}) {
      settings.cipher_suites = {choice.rsa, choice.ecdsa};
      for (const std::string cipher : kCiphers) {
        EXPECT_EQ(shake(settings, only_with("1.2", cipher)).completed, cipher == choice.cipher)
            << cipher << " with " << choice.cipher;
      }
    }
  }
}

TEST(CipherSuites, NoOtherMacComesWithACbcCipher) {
  ServerSettings settings = rsa_settings();
  settings.cipher_suites = {CipherSuite::kEcdheRsaAes256CbcSha};
  EXPECT_TRUE(shake(settings, only("1.2") + ":-MAC-ALL:+SHA1").completed);
  EXPECT_FALSE(shake(settings, only("1.2") + ":-MAC-ALL:+SHA384:+SHA256").completed);
}

TEST(CipherSuites, DoNotRestrictTls13) {
  ServerSettings settings = rsa_settings();
  settings.cipher_suites = {CipherSuite::kEcdheRsaAes256GcmSha384};
  for (const char* const cipher : {"AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"}) {
    const Handshake handshake = shake(settings, only_with("1.3", cipher));
    EXPECT_TRUE(handshake.completed);
    EXPECT_EQ(handshake.cipher, cipher);
  }
  // A client that speaks both gets TLS 1.3, however little of TLS 1.2 would suit.
  EXPECT_EQ(shake(settings, "NORMAL:-CIPHER-ALL:+CHACHA20-POLY1305").version, GNUTLS_TLS1_3);
}

TEST(CipherSuites, AreTakenInTheServersOrderUnlessTheClientsCounts) {
  ServerSettings settings = rsa_settings();
  settings.cipher_suites = {CipherSuite::kEcdheRsaAes256CbcSha,
                            CipherSuite::kEcdheRsaAes128GcmSha256};
  const std::string client = only("1.2") + ":-CIPHER-ALL:+AES-128-GCM:+AES-256-CBC";
  EXPECT_EQ(shake(settings, client).cipher, "AES-256-CBC");
  settings.prefer_server_cipher_suites = false;
  EXPECT_EQ(shake(settings, client).cipher, "AES-128-GCM");
}

TEST(CipherSuites, ThatTheKeyCannotUseLeaveOnlyTls13) {
  ServerSettings settings = rsa_settings();
  for (const auto& suites :
       {std::vector<CipherSuite>{}, {CipherSuite::kEcdheEcdsaAes128GcmSha256}}) {
    settings.cipher_suites = suites;
    EXPECT_TRUE(shake(settings, only("1.3")).completed);
    EXPECT_FALSE(shake(settings, only("1.2")).completed);
  }
}

TEST(CipherSuites, ThatNothingCanUseAreAFault) {
  const auto expect_fault = [](const ServerSettings& settings) {
    const auto context = ServerContext::create(settings);
    ASSERT_FALSE(context);
    ASSERT_EQ(context.error().size(), 1u);
    EXPECT_EQ(context.error()[0].setting, Fault::Setting::kCipherSuites);
  };
  ServerSettings settings = rsa_settings();
  settings.max_version = Version::kTls12;
  settings.cipher_suites = {CipherSuite::kEcdheEcdsaAes128GcmSha256};
  expect_fault(settings);
  settings.min_version = Version::kTls10;
  settings.max_version = Version::kTls11;
  settings.cipher_suites = {CipherSuite::kEcdheRsaAes128GcmSha256};
  expect_fault(settings);
}

TEST(Curves, EachCanBeTheOnlyOne) {
  const std::array<std::pair<Curve, std::string>, 4> curves = {{{Curve::kP256, "SECP256R1"},
                                                                {Curve::kP384, "SECP384R1"},
                                                                {Curve::kP521, "SECP521R1"},
                                                                {Curve::kX25519, "X25519"}}};
  for (const auto& [curve, name] : curves) {
    ServerSettings settings = rsa_settings();
    settings.curves = {curve};
    for (const auto& [other, client] : curves) {
      for (const char* const version : {"1.2", "1.3"}) {
        const Handshake handshake = shake(settings, only(version) + ":-GROUP-ALL:+GROUP-" + client);
        EXPECT_EQ(handshake.completed, other == curve) << name << " " << client << " " << version;
        EXPECT_TRUE(!handshake.completed || handshake.curve == name) << handshake.curve;
      }
    }
  }
}

TEST(Curves, AreTakenInTheServersOrder) {
  ServerSettings settings = rsa_settings();
  settings.curves = {Curve::kP384, Curve::kX25519};
  for (const char* const version : {"1.2", "1.3"}) {
    EXPECT_EQ(shake(settings, only(version) + ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP384R1").curve,
              "SECP384R1");
  }
}

// The client guesses a curve for TLS 1.3, and the server asks for another: two ClientHellos.
TEST(Curves, ThatTheClientDidNotGuessAreAskedFor) {
  ServerSettings settings = rsa_settings();
  settings.cipher_suites = {CipherSuite::kEcdheRsaAes256GcmSha384};
  settings.curves = {Curve::kP521};
  const Handshake handshake = shake(settings, only_with("1.3", "CHACHA20-POLY1305") +
                                                  ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP521R1");
  EXPECT_TRUE(handshake.completed);
  EXPECT_EQ(handshake.curve, "SECP521R1");
  EXPECT_EQ(handshake.cipher, "CHACHA20-POLY1305");
}

TEST(ClientHello, AnyByteMayBeWrong) {
  const auto context = ServerContext::create(rsa_settings());
  ASSERT_TRUE(context);
  const std::string hello = client_hello({});
  ASSERT_EQ(answer_to(**context, hello), GNUTLS_E_AGAIN);
  int refused = 0;
  for (std::size_t at = 0; at < hello.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xff}) {
      std::string wrong = hello;
      wrong[at] = static_cast<char>(wrong[at] ^ change);
      refused += answer_to(**context, wrong) != GNUTLS_E_AGAIN;
    }
  }
  EXPECT_GT(refused, 0);
}

// A ClientHello that says it has 16 MiB, and comes in records of 4 KiB.
std::string beginning_of_a_large_hello(std::size_t bytes) {
  constexpr std::size_t kRecordBytes = 4096;
  const std::string record_head("\x16\x03\x01\x10\x00", 5);
  std::string hello = record_head + "\x01\xff\xff\xff" + std::string(kRecordBytes - 4, 'x');
  while (hello.size() < bytes) hello += record_head + std::string(kRecordBytes, 'x');
  return hello;
}

// Else each of many clients could make the server keep that much for it.
TEST(PreparedSession, KeepsLittleOfAHandshake) {
  const auto context = ServerContext::create(rsa_settings());
  ASSERT_TRUE(context);
  constexpr std::size_t kLimit = PreparedSession::kMaxUnansweredBytes;
  EXPECT_EQ(answer_to(**context, beginning_of_a_large_hello(kLimit / 2)), GNUTLS_E_AGAIN);
  EXPECT_LT(answer_to(**context, beginning_of_a_large_hello(kLimit * 5 / 4)), 0);
  EXPECT_NE(answer_to(**context, beginning_of_a_large_hello(kLimit * 5 / 4)), GNUTLS_E_AGAIN);
}

TEST(PreparedSession, ReadsOnAsLongAsRequestsCome) {
  const auto context = ServerContext::create(rsa_settings());
  ASSERT_TRUE(context);
  EXPECT_EQ(kib_taken(**context, 1000, true), 1000u);
  const std::size_t without_requests = kib_taken(**context, 1000, false);
  EXPECT_GE(without_requests, 56u);
  EXPECT_LE(without_requests, 64u);
}

}  // namespace
}  // namespace timewait::tls
