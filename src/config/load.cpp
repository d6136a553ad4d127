#include "config/load.h"

#include <algorithm>
#include <map>
#include <span>

#include "config/keys.h"
#include "config/read_file.h"
#include "config/walk.h"
#include "config/yaml_document.h"

namespace timewait::config {
namespace {

constexpr char kRulesAllowed[] = "a list of {name, match}";
constexpr char kNamespacesAllowed[] = "a list of {name, path} and {discover, max}";
constexpr char kNamespaceAllowed[] = "either {name, path} or {discover, max}";

// What differs between the two lists of rules.
struct RuleKind {
  ValueKind<std::string> name;
  std::span<const std::string_view> matcher_keys;
  std::string_view matcher_allowed;
  std::string_view match_allowed;
};

constexpr RuleKind kPeer{kPeerName, kPeerMatcherKeys, "address or host, port, or both",
                         "a list of {address or host, port}, at least one"};
constexpr RuleKind kListener{kListenerName, kListenerMatcherKeys, "address, port, or both",
                             "a list of {address, port}, at least one"};

std::string allowed(std::string_view what) { return " (allowed: " + std::string(what) + ")"; }

// Reports a key that `value`, of which these are the fields, does not have.
void require(Walk& walk, const Value& value, const Fields& fields, std::string_view key,
             std::string_view what) {
  if (!fields.lacks(key)) return;
  walk.report(value.position, value.path + "." + std::string(key), "is missing" + allowed(what));
}

std::string read_host(Walk& walk, const Value& value, const Fields& fields) {
  if (fields.find("address")) {
    walk.report(value.position, value.path, "stands beside address" + allowed("one of the two"));
  }
  return walk.read(value, kHost).value_or("");
}

inet::EndpointMatcher read_matcher(Walk& walk, const Value& value, const RuleKind& kind) {
  inet::EndpointMatcher matcher;
  const std::optional<Fields> fields = walk.map(value, kind.matcher_keys);
  if (!fields) return matcher;
  if (const Value* const address = fields->find("address")) {
    matcher.addresses = walk.read(*address, kAddress);
  }
  if (const Value* const host = fields->find("host")) {
    matcher.host = read_host(walk, *host, *fields);
  }
  if (const Value* const port = fields->find("port")) matcher.ports = walk.read(*port, kPort);
  const auto is_lacking = [&](std::string_view key) { return fields->lacks(key); };
  if (std::all_of(kind.matcher_keys.begin(), kind.matcher_keys.end(), is_lacking)) {
    walk.report(value.position, value.path, "matches nothing" + allowed(kind.matcher_allowed));
  }
  return matcher;
}

std::vector<inet::EndpointMatcher> read_match(Walk& walk, const Value& value,
                                              const RuleKind& kind) {
  std::vector<inet::EndpointMatcher> match;
  const std::optional<std::vector<Value>> items = walk.list(value, kind.match_allowed);
  if (!items) return match;
  if (items->empty()) {
    walk.report(value.position, value.path, "is empty" + allowed(kind.match_allowed));
  }
  for (const Value& item : *items) match.push_back(read_matcher(walk, item, kind));
  return match;
}

// The names of one list, and where each stands.
using NameLines = std::map<std::string, int>;

std::string read_name(Walk& walk, const Value& value, const ValueKind<std::string>& kind,
                      NameLines& seen) {
  std::optional<std::string> name = walk.read(value, kind);
  if (!name) return {};
  const auto [first, is_new] = seen.try_emplace(*name, value.position.line);
  if (!is_new) {
    walk.report(value.position, value.path,
                quoted(*name) + " is already the name on line " + std::to_string(first->second) +
                    " (each name is allowed once)");
  }
  return *std::move(name);
}

inet::NamedRule read_rule(Walk& walk, const Value& value, const RuleKind& kind, NameLines& seen) {
  inet::NamedRule rule;
  const std::optional<Fields> fields = walk.map(value, kRuleKeys);
  if (!fields) return rule;
  if (const Value* const name = fields->find("name")) {
    rule.name = read_name(walk, *name, kind.name, seen);
  } else {
    require(walk, value, *fields, "name", kind.name.allowed);
  }
  if (const Value* const match = fields->find("match")) {
    rule.match = read_match(walk, *match, kind);
  } else {
    require(walk, value, *fields, "match", kind.match_allowed);
  }
  return rule;
}

std::vector<inet::NamedRule> read_rules(Walk& walk, const Value& value, const RuleKind& kind) {
  std::vector<inet::NamedRule> rules;
  NameLines seen;
  const std::optional<std::vector<Value>> items = walk.list(value, kRulesAllowed);
  if (!items) return rules;
  for (const Value& item : *items) rules.push_back(read_rule(walk, item, kind, seen));
  return rules;
}

// Reports a key that an entry of this kind cannot have.
void refuse(Walk& walk, const Fields& fields, std::string_view key, const char* beside) {
  const Field* const field = fields.find_field(key);
  if (!field) return;
  walk.report(
      field->key_position, field->value.path,
      std::string("cannot stand beside ") + beside + " (allowed: " + kNamespaceAllowed + ")");
}

// What has been read of network_namespaces so far.
struct NamespaceEntries {
  std::vector<NetworkNamespace> named;
  std::optional<NamespaceDiscovery> discovery;
  NameLines names;
  std::optional<int> discovery_line;  // of an entry that turns it off, too
};

void read_named_namespace(Walk& walk, const Value& value, const Fields& fields,
                          NamespaceEntries& entries) {
  NetworkNamespace read;
  if (const Value* const name = fields.find("name")) {
    read.name = read_name(walk, *name, kNamespaceName, entries.names);
  }
  walk.read_into(read.path, fields.find("path"), kPath);
  require(walk, value, fields, "name", kNamespaceName.allowed);
  require(walk, value, fields, "path", kPath.allowed);
  entries.named.push_back(std::move(read));
}

void read_namespace_discovery(Walk& walk, const Value& value, const Fields& fields,
                              NamespaceEntries& entries) {
  bool discover = false;
  NamespaceDiscovery discovery;
  walk.read_into(discover, fields.find("discover"), kSwitch);
  walk.read_into(discovery.max, fields.find("max"), kMaxNamespaces);
  require(walk, value, fields, "discover", kSwitch.allowed);
  if (entries.discovery_line) {
    walk.report(value.position, value.path,
                "discovery is already on line " + std::to_string(*entries.discovery_line) +
                    " (one entry with discover is allowed)");
  }
  entries.discovery_line = entries.discovery_line.value_or(value.position.line);
  if (discover) entries.discovery = discovery;
}

void read_namespace(Walk& walk, const Value& value, NamespaceEntries& entries) {
  const std::optional<Fields> fields = walk.map(value, kNamespaceKeys);
  if (!fields) return;
  const bool is_named = fields->find("name") || fields->find("path");
  if (fields->find("discover") || (fields->find("max") && !is_named)) {
    refuse(walk, *fields, "name", "discover");
    refuse(walk, *fields, "path", "discover");
    read_namespace_discovery(walk, value, *fields, entries);
  } else if (is_named) {
    refuse(walk, *fields, "max", "name and path");
    read_named_namespace(walk, value, *fields, entries);
  } else if (fields->lacks("name") && fields->lacks("path") && fields->lacks("discover") &&
             fields->lacks("max")) {
    walk.report(value.position, value.path,
                std::string("has no path and no discover (allowed: ") + kNamespaceAllowed + ")");
  }
}

void read_namespaces(Config& config, Walk& walk, const Value& value) {
  const std::optional<std::vector<Value>> items = walk.list(value, kNamespacesAllowed);
  if (!items) return;
  NamespaceEntries entries;
  for (const Value& item : *items) read_namespace(walk, item, entries);
  config.network_namespaces = std::move(entries.named);
  config.namespace_discovery = entries.discovery;
}

Config read_config(Walk& walk, const Value& root) {
  Config config;
  const std::optional<Fields> fields = walk.map(root, kRootKeys);
  if (!fields) return config;
  if (const Value* const poll = fields->find_section("poll")) {
    if (const auto keys = walk.map(*poll, kPollKeys)) {
      walk.read_into(config.poll_interval, keys->find("interval"), kInterval);
      walk.read_into(config.max_cpu, keys->find("max_cpu"), kShare);
    }
  }
  if (const Value* const peers = fields->find_section("peers")) {
    config.peers = read_rules(walk, *peers, kPeer);
  }
  if (const Value* const listeners = fields->find_section("listeners")) {
    config.listeners = read_rules(walk, *listeners, kListener);
  }
  if (const Value* const discovery = fields->find_section("discovery")) {
    if (const auto keys = walk.map(*discovery, kDiscoveryKeys)) {
      walk.read_into(config.max_peers, keys->find("max_peers"), kMaxPeers);
    }
  }
  if (const Value* const headroom = fields->find_section("headroom")) {
    if (const auto keys = walk.map(*headroom, kHeadroomKeys)) {
      walk.read_into(config.audit, keys->find("audit"), kSwitch);
      walk.read_into(config.audit_interval, keys->find("audit_interval"), kAuditInterval);
    }
  }
  if (const Value* const namespaces = fields->find_section("network_namespaces")) {
    read_namespaces(config, walk, *namespaces);
  }
  return config;
}

}  // namespace

base::Result<Config, LoadFailure> load_file(const std::string& path) {
  const base::Result<std::string> content = read_file(path);
  if (!content) {
    return LoadFailure{true, {"cannot read configuration file " + content.error().message}};
  }
  return parse(*content, path);
}

base::Result<Config, LoadFailure> load_file_or_defaults(const std::optional<std::string>& path) {
  if (!path) return Config{};
  return load_file(*path);
}

LoadFailure failure_of(const std::vector<Problem>& problems, const std::string& file_name) {
  LoadFailure failure;
  for (const Problem& problem : problems) failure.problems.push_back(format(problem, file_name));
  return failure;
}

base::Result<Config, LoadFailure> parse(std::string_view yaml, const std::string& file_name) {
  const base::Result<Document, Problem> document = parse_document(yaml);
  if (!document) return failure_of({document.error()}, file_name);
  const Node* const root = document->root;
  if (!root || root->kind == Node::Kind::kNull) return Config{};

  Walk walk;
  Config config = read_config(walk, {root, "", root->position});
  const std::vector<Problem> problems = walk.take_problems();
  if (!problems.empty()) return failure_of(problems, file_name);
  return config;
}

}  // namespace timewait::config
