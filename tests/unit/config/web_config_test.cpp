#include "config/web_config.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "../tls/handshake.h"
#include "web_files.h"

namespace timewait::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr char kHash[] = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

WebConfig parse_good(std::string_view yaml) {
  WebConfigLoad loaded = parse_web_config(yaml, "web.yml", web_file_reader());
  if (loaded.config) return *loaded.config;
  for (const std::string& problem : loaded.config.error().problems) ADD_FAILURE() << problem;
  return {};
}

// As the value of a key: a block of lines that are further to the right.
std::string block(const std::string& text) {
  std::string lines = "|\n    ";
  for (const char c : text) {
    lines += c;
    if (c == '\n') lines += "    ";
  }
  return lines + "\n";
}

tls::Handshake shake(const WebConfig& config, const std::string& priorities,
                     const std::optional<tls::Identity>& identity = std::nullopt) {
  if (config.tls == nullptr) {
    ADD_FAILURE() << "no TLS";
    return {};
  }
  return tls::shake_hands(*config.tls, {priorities, identity});
}

TEST(WebConfig, NothingMeansPlainHttpForAnybody) {
  for (const char* const yaml :
       {"", "# nothing\n", "{}", "http_server_config:\nbasic_auth_users:\nrate_limit:\n",
        "http_server_config: {headers: }\nbasic_auth_users: {}\nrate_limit: {}\n"}) {
    SCOPED_TRACE(yaml);
    const WebConfig config = parse_good(yaml);
    EXPECT_EQ(config.tls, nullptr);
    EXPECT_THAT(config.users, IsEmpty());
    EXPECT_THAT(config.headers, IsEmpty());
    EXPECT_FALSE(config.rate_limit);
  }
}

TEST(WebConfig, ReadsUsers) {
  const WebConfig config = parse_good(
      "basic_auth_users:\n"
      "  alice: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n"
      "  bob: $2a$04$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n"
      "  Zo\u00eb M: \"$2b$16$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\"\n");
  EXPECT_THAT(config.users, ElementsAre(Pair("Zo\u00eb M", StartsWith("$2b$16$")),
                                        Pair("alice", kHash), Pair("bob", StartsWith("$2a$04$"))));
}

TEST(WebConfig, ReadsHeaders) {
  const WebConfig config = parse_good(
      "http_server_config:\n"
      "  http2: false\n"
      "  headers:\n"
      "    X-Frame-Options: deny\n"
      "    X-Content-Type-Options: nosniff\n"
      "    X-XSS-Protection: ''\n"
      "    Content-Security-Policy: \"default-src 'none'; frame-ancestors 'none'\"\n"
      "    Strict-Transport-Security:\n");
  EXPECT_THAT(config.headers,
              testing::UnorderedElementsAre(
                  Pair("X-Frame-Options", "deny"), Pair("X-Content-Type-Options", "nosniff"),
                  Pair("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")));
}

TEST(WebConfig, ReadsARateLimit) {
  const WebConfig config = parse_good("rate_limit: {interval: 1m30s, burst: 20}");
  ASSERT_TRUE(config.rate_limit);
  EXPECT_EQ(config.rate_limit->interval, 90s);
  EXPECT_EQ(config.rate_limit->burst, 20u);
}

TEST(WebConfig, AnIntervalOfNothingIsNoLimit) {
  EXPECT_FALSE(parse_good("rate_limit: {interval: 0, burst: 20}").rate_limit);
  EXPECT_FALSE(parse_good("rate_limit: {interval: 0s}").rate_limit);
  EXPECT_FALSE(parse_good("rate_limit: {burst: 20}").rate_limit);
}

TEST(WebConfig, ReadsCertificateAndKeyFromFiles) {
  const WebConfig config =
      parse_good("tls_server_config: {cert_file: server.crt, key_file: server.key}");
  const tls::Handshake handshake = shake(config, "NORMAL");
  EXPECT_TRUE(handshake.completed);
  EXPECT_EQ(handshake.server_common_name, "server");
}

TEST(WebConfig, ReadsCertificateAndKeyFromTheText) {
  const WebConfig config =
      parse_good("tls_server_config:\n  cert: " + block(web_files().at("server.crt")) +
                 "  key: " + block(web_files().at("server.key")));
  EXPECT_EQ(shake(config, "NORMAL").server_common_name, "server");
}

TEST(WebConfig, BlankKeysAreAsGoodAsNone) {
  const WebConfig config = parse_good(
      "tls_server_config:\n"
      "  cert: ''\n  cert_file: server.crt\n  key:\n  key_file: server.key\n  client_ca: ''\n"
      "  client_ca_file:\n  client_auth_type: ''\n  client_allowed_sans:\n  min_version: ''\n"
      "  cipher_suites: []\n  curve_preferences:\n  prefer_server_cipher_suites:\n");
  EXPECT_TRUE(shake(config, "NORMAL").completed);
  EXPECT_TRUE(shake(config, "NORMAL:-VERS-ALL:+VERS-TLS1.2").completed);
}

TEST(WebConfig, EveryTlsKeyReachesTheServer) {
  const tls::Identity authority = tls::make_identity({.is_authority = true});
  const WebConfig config = parse_good(
      "tls_server_config:\n"
      "  cert_file: server.crt\n"
      "  key_file: server.key\n"
      "  client_ca: " +
      block(authority.certificate_pem) +
      "  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_allowed_sans: [scraper.example]\n"
      "  min_version: TLS11\n"
      "  max_version: TLS12\n"
      "  cipher_suites:\n"
      "    - TLS_AES_128_GCM_SHA256\n"
      "    - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA\n"
      "    - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"
      "  curve_preferences: [CurveP384, X25519]\n"
      "  prefer_server_cipher_suites: false\n");
  const tls::Identity scraper =
      tls::make_identity({.names = {{GNUTLS_SAN_DNSNAME, "scraper.example"}}}, authority);
  const tls::Identity other =
      tls::make_identity({.names = {{GNUTLS_SAN_DNSNAME, "other.example"}}}, authority);

  const tls::Handshake handshake = shake(
      config, "NORMAL:-CIPHER-ALL:+AES-256-GCM:+AES-256-CBC:-GROUP-ALL:+GROUP-SECP384R1", scraper);
  EXPECT_TRUE(handshake.completed);
  EXPECT_EQ(handshake.version, GNUTLS_TLS1_2);
  EXPECT_EQ(handshake.cipher, "AES-256-GCM");
  EXPECT_TRUE(shake(config, "NORMAL:-VERS-ALL:+VERS-TLS1.1", scraper).completed);
  EXPECT_FALSE(shake(config, "NORMAL:-VERS-ALL:+VERS-TLS1.0", scraper).completed);
  EXPECT_FALSE(shake(config, "NORMAL:-CIPHER-ALL:+AES-128-GCM", scraper).completed);
  EXPECT_FALSE(shake(config, "NORMAL:-GROUP-ALL:+GROUP-SECP256R1", scraper).completed);
  EXPECT_FALSE(shake(config, "NORMAL", other).completed);
  EXPECT_FALSE(shake(config, "NORMAL").completed);
}

TEST(WebConfig, NamesEveryFileThatItDependsOn) {
  constexpr char kYaml[] =
      "tls_server_config:\n"
      "  cert_file: server.crt\n  key_file: /etc/ssl/none.key\n  client_ca_file: ../ca.crt\n"
      "  client_auth_type: VerifyClientCertIfGiven\n";
  const WebConfigLoad loaded = parse_web_config(kYaml, "/etc/x/web.yml", web_file_reader());
  EXPECT_FALSE(loaded.config);
  EXPECT_THAT(loaded.files, ElementsAre("/etc/x/web.yml", "/etc/x/server.crt", "/etc/ssl/none.key",
                                        "/etc/x/../ca.crt"));
  EXPECT_THAT(parse_web_config("{}", "web.yml", web_file_reader()).files, ElementsAre("web.yml"));
  EXPECT_THAT(parse_web_config("{", "web.yml", web_file_reader()).files, ElementsAre("web.yml"));
}

class WebConfigFile : public testing::Test {
 protected:
  WebConfigFile() {
    std::string name = testing::TempDir() + "timewait_web_config_XXXXXX";
    folder_ = ::mkdtemp(name.data());
    for (const auto& [file, content] : web_files()) write(file, content);
  }
  ~WebConfigFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name)) << content;
    return path(name);
  }

 private:
  std::string folder_;
};

TEST_F(WebConfigFile, IsReadWithTheFilesBesideIt) {
  const WebConfigLoad loaded = load_web_config(
      write("web.yml", "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"));
  ASSERT_TRUE(loaded.config) << loaded.config.error().problems.front();
  EXPECT_TRUE(shake(*loaded.config, "NORMAL").completed);
  EXPECT_THAT(loaded.files, ElementsAre(path("web.yml"), path("server.crt"), path("server.key")));
}

TEST_F(WebConfigFile, AChangedCertificateIsInTheNextLoad) {
  const std::string file =
      write("web.yml", "tls_server_config: {cert_file: server.crt, key_file: server.key}\n");
  const tls::Identity renewed = tls::make_identity({.common_name = "renewed"});
  write("server.crt", renewed.certificate_pem);
  const WebConfigLoad half = load_web_config(file);
  ASSERT_FALSE(half.config);
  EXPECT_THAT(half.config.error().problems,
              ElementsAre(HasSubstr("key_file: is not the key of the certificate")));
  write("server.key", renewed.key_pem);
  const WebConfigLoad whole = load_web_config(file);
  ASSERT_TRUE(whole.config);
  EXPECT_EQ(shake(*whole.config, "NORMAL").server_common_name, "renewed");
}

TEST_F(WebConfigFile, ThatIsNotThereIsUnreadable) {
  const WebConfigLoad loaded = load_web_config(path("none.yml"));
  ASSERT_FALSE(loaded.config);
  EXPECT_TRUE(loaded.config.error().unreadable);
  EXPECT_THAT(loaded.config.error().problems,
              ElementsAre("cannot read web configuration file " + path("none.yml") +
                          ": No such file or directory"));
  EXPECT_THAT(loaded.files, ElementsAre(path("none.yml")));
}

TEST_F(WebConfigFile, AFifoForAKeyIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const WebConfigLoad loaded = load_web_config(
      write("web.yml", "tls_server_config: {cert_file: server.crt, key_file: fifo}\n"));
  ASSERT_FALSE(loaded.config);
  EXPECT_FALSE(loaded.config.error().unreadable);
  EXPECT_THAT(loaded.config.error().problems, ElementsAre(HasSubstr("fifo: not a regular file")));
}

}  // namespace
}  // namespace timewait::config
