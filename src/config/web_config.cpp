#include "config/web_config.h"

#include "config/read_file.h"
#include "config/tls_section.h"
#include "config/walk.h"
#include "config/web_keys.h"
#include "config/web_values.h"
#include "config/yaml_document.h"

namespace timewait::config {
namespace {

constexpr char kUsersAllowed[] = "a map of user names to bcrypt hashes";

const ValueKind<std::string>& kind_of_header(std::string_view name) {
  if (name == "X-Content-Type-Options") return kContentTypeOptions;
  if (name == "X-Frame-Options") return kFrameOptions;
  return kHeaderValue;
}

std::vector<std::pair<std::string, std::string>> read_headers(Walk& walk, const Value& section) {
  std::vector<std::pair<std::string, std::string>> headers;
  const std::optional<Fields> fields = walk.map(section, kHeaderKeys);
  if (!fields) return headers;
  for (const std::string_view name : kHeaderKeys) {
    const Value* const value = fields->find_section(name);
    if (!value || value->is_empty_text()) continue;  // blank means unset, as in Go
    if (auto text = walk.read(*value, kind_of_header(name))) {
      headers.emplace_back(name, *std::move(text));
    }
  }
  return headers;
}

void read_http(WebConfig& config, Walk& walk, const Value& section) {
  const std::optional<Fields> fields = walk.map(section, kHttpKeys);
  if (!fields) return;
  if (const Value* const http2 = fields->find("http2")) walk.read(*http2, kHttp2);
  if (const Value* const headers = fields->find_section("headers")) {
    config.headers = read_headers(walk, *headers);
  }
}

void read_users(WebConfig& config, Walk& walk, const Value& section) {
  const std::optional<Fields> fields = walk.entries(section, kUsersAllowed);
  if (!fields) return;
  for (const Field& user : *fields) {
    const base::Result<std::string> name = kUserName.parse(user.key);
    if (!name) {
      walk.report(user.key_position, section.path,
                  name.error().message + " (allowed: " + std::string(kUserName.allowed) + ")");
    }
    const auto hash = walk.read(user.value, kBcryptHash);
    if (name && hash) config.users.emplace(*name, *hash);
  }
}

void read_rate_limit(WebConfig& config, Walk& walk, const Value& section) {
  const std::optional<Fields> fields = walk.map(section, kRateLimitKeys);
  if (!fields) return;
  RateLimit limit{std::chrono::nanoseconds(0), 0};
  walk.read_into(limit.interval, fields->find("interval"), kRequestInterval);
  walk.read_into(limit.burst, fields->find("burst"), kBurst);
  if (limit.interval.count() == 0) return;  // none, as in Go
  if (fields->lacks("burst")) {
    walk.report(section.position, section.path + ".burst",
                "is missing, so that no request would be allowed (allowed: " +
                    std::string(kBurst.allowed) + ")");
  }
  config.rate_limit = limit;
}

WebConfig read_web_config(Walk& walk, const Value& root, NamedFiles& files) {
  WebConfig config;
  const std::optional<Fields> fields = walk.map(root, kWebRootKeys);
  if (!fields) return config;
  // Even without a value: whoever names the section does not mean plain HTTP.
  if (const Value* const tls = fields->find("tls_server_config")) {
    config.tls = read_tls_section(walk, *tls, files);
  }
  if (const Value* const http = fields->find_section("http_server_config")) {
    read_http(config, walk, *http);
  }
  if (const Value* const users = fields->find_section("basic_auth_users")) {
    read_users(config, walk, *users);
  }
  if (const Value* const limit = fields->find_section("rate_limit")) {
    read_rate_limit(config, walk, *limit);
  }
  return config;
}

}  // namespace

WebConfigLoad load_web_config(const std::string& path) {
  const base::Result<std::string> content = read_file(path);
  if (content) return parse_web_config(*content, path, &read_file);
  return {LoadFailure{true, {"cannot read web configuration file " + content.error().message}},
          {path}};
}

WebConfigLoad parse_web_config(std::string_view yaml, const std::string& path,
                               const FileReader& read) {
  const base::Result<Document, Problem> document = parse_document(yaml);
  if (!document) return {failure_of({document.error()}, path), {path}};
  const Node* const root = document->root;
  if (!root || root->kind == Node::Kind::kNull) return {WebConfig{}, {path}};

  NamedFiles files(path, read);
  Walk walk;
  WebConfig config = read_web_config(walk, {root, "", root->position}, files);
  const std::vector<Problem> problems = walk.take_problems();
  if (!problems.empty()) return {failure_of(problems, path), files.paths()};
  return {std::move(config), files.paths()};
}

}  // namespace timewait::config
