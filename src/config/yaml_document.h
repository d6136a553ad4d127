// A YAML text as a tree that remembers where everything stood.
//
// It is built from yaml-cpp's events rather than from YAML::Node, which forgets duplicate keys and
// where an alias was written, and which a hostile file can make slow or deep.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/problem.h"

namespace timewait::config {

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Position position;
  std::string tag;   // as written out by YAML, "tag:yaml.org,2002:str"; empty if none was given
  std::string text;  // of a scalar; holds no NUL
  std::vector<const Node*> children;  // items of a list; key, value, key, value... of a map
};

// Nodes live as long as their document. Aliases make the tree a graph, but never a circular one.
struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;  // nullptr if the text holds nothing but comments
};

// Accepts UTF-8, with or without a byte-order mark, and at most one document. The error is the
// first problem of syntax: nothing after it can be trusted. Thread-safe, as all of this room.
base::Result<Document, Problem> parse_document(std::string_view text);

}  // namespace timewait::config
