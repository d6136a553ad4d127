#include "config/tls_section.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <utility>

#include "config/web_keys.h"
#include "config/web_values.h"

namespace timewait::config {
namespace {

using Setting = tls::Fault::Setting;

// Which of a pair of keys a text comes from: as it stands, or in a file.
struct TextKeys {
  std::string_view text;
  std::string_view file;
};

constexpr TextKeys kCertificateKeys{"cert", "cert_file"};
constexpr TextKeys kKeyKeys{"key", "key_file"};
constexpr TextKeys kClientCaKeys{"client_ca", "client_ca_file"};

// A key with an empty value is as good as none, as in Go.
const Value* find_given(const Fields& fields, std::string_view key) {
  const Value* const value = fields.find_section(key);
  return value && !value->is_empty_text() ? value : nullptr;
}

bool is_misspelt(const Fields& fields, std::string_view key) {
  return !fields.find(key) && !fields.lacks(key);
}

// The values of a list that is there; each by itself, so that each fault has its place.
template <typename T>
std::vector<T> read_list(Walk& walk, const Fields& fields, std::string_view key,
                         const ValueKind<T>& kind) {
  std::vector<T> values;
  const Value* const value = find_given(fields, key);
  if (!value) return values;
  const auto items = walk.list(*value, "a list of " + std::string(kind.allowed));
  if (!items) return values;
  for (const Value& item : *items) {
    if (std::optional<T> read = walk.read(item, kind)) values.push_back(*std::move(read));
  }
  return values;
}

// The kinds of trouble that have nothing to do with each other: a fault in one is worth telling
// though another could not be read.
enum class Topic { kCertificate, kKey, kClients, kProtocol };
constexpr std::size_t kTopics = 4;

// Where a setting comes from. Of two keys that are there, the first is to blame.
struct SettingKeys {
  Setting setting;
  Topic topic;
  std::array<std::string_view, 2> keys;
};

constexpr std::array<SettingKeys, 8> kSettings = {{
    {Setting::kCertificate, Topic::kCertificate, {kCertificateKeys.file, kCertificateKeys.text}},
    {Setting::kKey, Topic::kKey, {kKeyKeys.file, kKeyKeys.text}},
    {Setting::kClientCa, Topic::kClients, {kClientCaKeys.file, kClientCaKeys.text}},
    {Setting::kClientAuth, Topic::kClients, {"client_auth_type"}},
    {Setting::kClientAllowedSans, Topic::kClients, {"client_allowed_sans"}},
    {Setting::kVersions, Topic::kProtocol, {"max_version", "min_version"}},
    {Setting::kCipherSuites, Topic::kProtocol, {"cipher_suites"}},
    {Setting::kCurves, Topic::kProtocol, {"curve_preferences"}},
}};

const SettingKeys& keys_of(Setting setting) {
  return *std::find_if(kSettings.begin(), kSettings.end(),
                       [&](const SettingKeys& entry) { return entry.setting == setting; });
}

class TlsSection {
 public:
  TlsSection(Walk& walk, const Value& section, const Fields& fields, NamedFiles& files)
      : walk_(walk), section_(section), fields_(fields), files_(files) {}

  std::shared_ptr<const tls::ServerContext> read();

 private:
  template <typename Read>
  void read_topic(Topic topic, const Read& read) {
    const std::size_t problems = walk_.problem_count();
    read();
    troubled_.at(static_cast<std::size_t>(topic)) = walk_.problem_count() > problems;
  }
  std::optional<std::string> read_text(const TextKeys& keys);
  std::string read_required_text(const TextKeys& keys);
  void read_clients();
  void read_protocol();
  bool is_troubled(Topic topic) const;
  void report(const tls::Fault& fault);

  Walk& walk_;
  const Value& section_;
  const Fields& fields_;
  NamedFiles& files_;
  tls::ServerSettings settings_;
  std::array<bool, kTopics> troubled_{};
};

std::optional<std::string> TlsSection::read_text(const TextKeys& keys) {
  const Value* const text = find_given(fields_, keys.text);
  const Value* const file = find_given(fields_, keys.file);
  if (text && file) {
    walk_.report(file->position, file->path,
                 "stands beside " + std::string(keys.text) + " (allowed: one of the two)");
  }
  if (text) return walk_.read(*text, kPem);
  const std::optional<std::string> name = file ? walk_.read(*file, kFileName) : std::nullopt;
  if (!name) return std::nullopt;
  base::Result<std::string> content = files_.read(*name);
  if (content) return *std::move(content);
  walk_.report(file->position, file->path,
               "cannot read " + content.error().message +
                   " (allowed: a regular file of at most 1 MiB that this user may read)");
  return std::nullopt;
}

std::string TlsSection::read_required_text(const TextKeys& keys) {
  const bool is_there = find_given(fields_, keys.text) || find_given(fields_, keys.file) ||
                        is_misspelt(fields_, keys.text) || is_misspelt(fields_, keys.file);
  if (!is_there) {
    walk_.report(section_.position, section_.path + "." + std::string(keys.file),
                 "is missing: there is no TLS without it (allowed: " + std::string(keys.file) +
                     " or " + std::string(keys.text) +
                     "; for plain HTTP no tls_server_config at all)");
  }
  return read_text(keys).value_or("");
}

void TlsSection::read_clients() {
  settings_.client_ca_pem = read_text(kClientCaKeys);
  walk_.read_into(settings_.client_auth, find_given(fields_, "client_auth_type"), kClientAuth);
  settings_.client_allowed_sans =
      read_list(walk_, fields_, "client_allowed_sans", kAlternativeName);
  const Value* const names = find_given(fields_, "client_allowed_sans");
  if (names && names->node->kind == Node::Kind::kList && names->node->children.empty()) {
    walk_.report(names->position, names->path,
                 "is empty, so that no client could connect (allowed: a list of " +
                     std::string(kAlternativeName.allowed) + ")");
  }
}

void TlsSection::read_protocol() {
  walk_.read_into(settings_.min_version, find_given(fields_, "min_version"), kTlsVersion);
  walk_.read_into(settings_.max_version, find_given(fields_, "max_version"), kTlsVersion);
  const auto suites = read_list(walk_, fields_, "cipher_suites", kCipherSuite);
  if (!suites.empty()) settings_.cipher_suites.emplace();
  for (const std::optional<tls::CipherSuite>& suite : suites) {
    if (suite) settings_.cipher_suites->push_back(*suite);
  }
  settings_.curves = read_list(walk_, fields_, "curve_preferences", kCurve);
  walk_.read_into(settings_.prefer_server_cipher_suites,
                  find_given(fields_, "prefer_server_cipher_suites"), kSwitch);
}

bool TlsSection::is_troubled(Topic topic) const {
  return troubled_.at(static_cast<std::size_t>(topic)) ||
         std::any_of(kSettings.begin(), kSettings.end(), [&](const SettingKeys& entry) {
           return entry.topic == topic &&
                  (is_misspelt(fields_, entry.keys[0]) || is_misspelt(fields_, entry.keys[1]));
         });
}

void TlsSection::report(const tls::Fault& fault) {
  const SettingKeys& from = keys_of(fault.setting);
  if (is_troubled(from.topic)) return;
  const Value* blamed = find_given(fields_, from.keys[0]);
  if (!blamed) blamed = find_given(fields_, from.keys[1]);
  if (!blamed) blamed = &section_;
  walk_.report(blamed->position, blamed->path, fault.message);
}

std::shared_ptr<const tls::ServerContext> TlsSection::read() {
  const std::size_t problems = walk_.problem_count();
  read_topic(Topic::kCertificate,
             [this] { settings_.certificate_pem = read_required_text(kCertificateKeys); });
  read_topic(Topic::kKey, [this] { settings_.key_pem = read_required_text(kKeyKeys); });
  read_topic(Topic::kClients, [this] { read_clients(); });
  read_topic(Topic::kProtocol, [this] { read_protocol(); });
  const auto context = tls::ServerContext::create(settings_);
  ::explicit_bzero(settings_.key_pem.data(), settings_.key_pem.size());
  if (!context) {
    for (const tls::Fault& fault : context.error()) report(fault);
  }
  return context && walk_.problem_count() == problems ? *context : nullptr;
}

}  // namespace

NamedFiles::NamedFiles(const std::string& config_path, const FileReader& read)
    : read_(read), paths_{config_path} {}

base::Result<std::string> NamedFiles::read(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(paths_.front()).parent_path();
  return read_(paths_.emplace_back((folder / name).string()));
}

std::shared_ptr<const tls::ServerContext> read_tls_section(Walk& walk, const Value& section,
                                                           NamedFiles& files) {
  const std::optional<Fields> fields = walk.map(section, kTlsKeys);
  if (!fields) return nullptr;
  return TlsSection(walk, section, *fields, files).read();
}

}  // namespace timewait::config
