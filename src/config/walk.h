// A walk through a YAML document that knows its way: every value comes with its key path, every
// problem is collected, and nothing stops at the first.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "config/values.h"
#include "config/yaml_document.h"

namespace timewait::config {

struct Value {
  const Node* node = nullptr;
  std::string path;
  Position position;  // where to point if it is wrong; for no value at all: where its key stands

  bool is_null() const { return node->kind == Node::Kind::kNull; }
  bool is_empty_text() const { return node->kind == Node::Kind::kScalar && node->text.empty(); }
};

struct Field {
  Position key_position;
  std::string_view key;
  Value value;
};

// The fields of one map, each key once.
class Fields {
 public:
  void add(Field field) { fields_.push_back(std::move(field)); }
  void add_misspelt(std::string_view meant) { misspelt_.push_back(meant); }

  const Field* find_field(std::string_view key) const;
  const Value* find(std::string_view key) const;
  // `peers:` with nothing after it is as good as no `peers:`.
  const Value* find_section(std::string_view key) const;
  // Neither there nor misspelt: worth a problem of its own.
  bool lacks(std::string_view key) const;

  auto begin() const { return fields_.begin(); }  // in file order
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
  std::vector<std::string_view> misspelt_;
};

class Walk {
 public:
  void report(Position position, std::string path, std::string message);

  // Each of these reports what is wrong with `value` and then has nothing to return. Keys that are
  // not among `keys`, or repeated, are reported and left out.
  std::optional<Fields> map(const Value& value, std::span<const std::string_view> keys);
  // The same of a map whose keys are names that its author chose.
  std::optional<Fields> entries(const Value& value, std::string_view allowed);
  std::optional<std::vector<Value>> list(const Value& value, std::string_view allowed);
  template <typename T>
  std::optional<T> read(const Value& value, const ValueKind<T>& kind) {
    const std::optional<std::string_view> written = text(value, kind.allowed);
    if (!written) return std::nullopt;
    base::Result<T> parsed = kind.parse(*written);
    if (parsed) return *std::move(parsed);
    report(value.position, value.path,
           parsed.error().message + " (allowed: " + std::string(kind.allowed) + ")");
    return std::nullopt;
  }

  // Leaves `target` as it is if there is no value, or a wrong one.
  template <typename T>
  void read_into(T& target, const Value* value, const ValueKind<T>& kind) {
    if (value == nullptr) return;
    if (std::optional<T> parsed = read(*value, kind)) target = *std::move(parsed);
  }

  std::size_t problem_count() const { return problems_.size(); }
  // All problems so far, in file order.
  std::vector<Problem> take_problems();

 private:
  std::optional<std::string_view> text(const Value& value, std::string_view allowed);
  bool expect(const Value& value, Node::Kind kind, const std::string& allowed);
  bool check_tag(const Node& node, const std::string& path);
  // What is read of a map: fields with one of `known`, or any if there is no such list.
  using KnownKeys = std::optional<std::span<const std::string_view>>;
  std::optional<Fields> read_fields(const Value& value, KnownKeys known,
                                    const std::string& allowed);
  void read_field(const Node& key, const Node& node, const std::string& path, KnownKeys known,
                  const std::string& allowed, Fields& fields);
  void report_unknown_key(const Node& key, const std::string& path,
                          std::span<const std::string_view> keys, Fields& fields);
  bool visit(const Value& value);  // false once there have been too many

  std::vector<Problem> problems_;
  std::size_t visits_ = 0;
};

}  // namespace timewait::config
