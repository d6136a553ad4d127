#include "config/walk.h"

#include <algorithm>

#include "config/suggestion.h"

namespace timewait::config {
namespace {

// Aliases let a small file stand for a huge one. Counts keys and values.
constexpr std::size_t kMaxVisits = 100'000;

constexpr char kMergeKey[] = "<<";

std::string_view name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kScalar:
      return "a single value";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return {};
}

// The tag that says of a node what it is anyway.
bool is_redundant_tag(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return false;
    case Node::Kind::kScalar:
      return node.tag == "tag:yaml.org,2002:str" || node.tag == "tag:yaml.org,2002:int";
    case Node::Kind::kList:
      return node.tag == "tag:yaml.org,2002:seq";
    case Node::Kind::kMap:
      return node.tag == "tag:yaml.org,2002:map";
  }
  return false;
}

std::string join(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words) {
    if (!joined.empty()) joined += ", ";
    joined += word;
  }
  return joined;
}

std::string field_path(const std::string& path, std::string_view key) {
  return path.empty() ? printable(key) : path + "." + printable(key);
}

Position position_of(const Node& node, Position fallback) {
  return node.kind == Node::Kind::kNull ? fallback : node.position;
}

}  // namespace

const Field* Fields::find_field(std::string_view key) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(),
                                  [&](const Field& field) { return field.key == key; });
  return found == fields_.end() ? nullptr : &*found;
}

const Value* Fields::find(std::string_view key) const {
  const Field* const field = find_field(key);
  return field ? &field->value : nullptr;
}

const Value* Fields::find_section(std::string_view key) const {
  const Value* const section = find(key);
  return section && !section->is_null() ? section : nullptr;
}

bool Fields::lacks(std::string_view key) const {
  return !find(key) && std::find(misspelt_.begin(), misspelt_.end(), key) == misspelt_.end();
}

void Walk::report(Position position, std::string path, std::string message) {
  problems_.push_back({position, std::move(path), std::move(message)});
}

std::optional<Fields> Walk::map(const Value& value, std::span<const std::string_view> keys) {
  return read_fields(value, keys, "a map with " + join(keys));
}

std::optional<Fields> Walk::entries(const Value& value, std::string_view allowed) {
  return read_fields(value, std::nullopt, std::string(allowed));
}

std::optional<Fields> Walk::read_fields(const Value& value, KnownKeys known,
                                        const std::string& allowed) {
  if (!expect(value, Node::Kind::kMap, allowed)) return std::nullopt;
  Fields fields;
  const std::vector<const Node*>& children = value.node->children;
  for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
    if (!visit(value)) return std::nullopt;
    read_field(*children[i], *children[i + 1], value.path, known, allowed, fields);
  }
  return fields;
}

std::optional<std::vector<Value>> Walk::list(const Value& value, std::string_view allowed) {
  if (!expect(value, Node::Kind::kList, std::string(allowed))) return std::nullopt;
  std::vector<Value> items;
  for (const Node* const node : value.node->children) {
    items.push_back({node, value.path + "[" + std::to_string(items.size()) + "]",
                     position_of(*node, value.position)});
  }
  return items;
}

std::optional<std::string_view> Walk::text(const Value& value, std::string_view allowed) {
  if (!expect(value, Node::Kind::kScalar, std::string(allowed))) return std::nullopt;
  return value.node->text;
}

std::vector<Problem> Walk::take_problems() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.position < b.position; });
  return std::move(problems_);
}

bool Walk::expect(const Value& value, Node::Kind kind, const std::string& allowed) {
  if (!visit(value) || !check_tag(*value.node, value.path)) return false;
  if (value.node->kind == kind) return true;
  const std::string wrong = value.is_null() ? "has no value"
                                            : std::string(name_of(value.node->kind)) + " where " +
                                                  std::string(name_of(kind)) + " is expected";
  report(value.position, value.path, wrong + " (allowed: " + allowed + ")");
  return false;
}

bool Walk::check_tag(const Node& node, const std::string& path) {
  if (node.tag.empty() || is_redundant_tag(node)) return true;
  report(node.position, path, "unknown tag " + quoted(node.tag) + " (no tag is needed)");
  return false;
}

void Walk::read_field(const Node& key, const Node& node, const std::string& path, KnownKeys known,
                      const std::string& allowed, Fields& fields) {
  if (key.kind != Node::Kind::kScalar) {
    report(key.position, path,
           std::string(name_of(key.kind)) + " as a key (allowed: " + allowed + ")");
    return;
  }
  const std::string own_path = field_path(path, key.text);
  if (!check_tag(key, own_path)) return;
  if (known && std::find(known->begin(), known->end(), key.text) == known->end()) {
    report_unknown_key(key, own_path, *known, fields);
  } else if (const Field* const first = fields.find_field(key.text)) {
    report(key.position, own_path,
           "duplicate key, first on line " + std::to_string(first->key_position.line) +
               " (each key is allowed once)");
  } else {
    fields.add({key.position, key.text, {&node, own_path, position_of(node, key.position)}});
  }
}

void Walk::report_unknown_key(const Node& key, const std::string& path,
                              std::span<const std::string_view> keys, Fields& fields) {
  std::string message = key.text == kMergeKey ? "merge keys are not supported" : "unknown key";
  if (const std::optional<std::string_view> near = suggest(key.text, keys)) {
    message += ", did you mean " + quoted(*near) + "?";
    fields.add_misspelt(*near);
  }
  report(key.position, path, message + " (allowed: " + join(keys) + ")");
}

bool Walk::visit(const Value& value) {
  ++visits_;
  if (visits_ == kMaxVisits + 1) {
    report(value.position, value.path,
           "aliases repeat too much (" + std::to_string(kMaxVisits) + " values are allowed)");
  }
  return visits_ <= kMaxVisits;
}

}  // namespace timewait::config
