#include "config/yaml_document.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/syntax_problem.h"

namespace timewait::config {
namespace {

constexpr std::size_t kMaxDepth = 32;       // a configuration needs 5
constexpr std::size_t kMaxNodes = 100'000;  // keys, values and aliases

Position to_position(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  Document take_document() { return std::move(document_); }
  SyntaxContext context() const {
    return {last_position_, open_.empty() ? last_position_ : open_.back()->position};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!document_.root) return;
    const std::size_t begin = std::min(static_cast<std::size_t>(mark.pos), text_.size());
    throw YAML::ParserException(mark,
                                text_.substr(begin).starts_with("---")
                                    ? "a second document begins here (one is allowed)"
                                    : "text after the end of the document (check the indentation)");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, Node::Kind::kNull, "", anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (value.find('\0') != std::string::npos) {
      throw YAML::ParserException(mark, "a value holds a NUL character");
    }
    add(mark, Node::Kind::kScalar, tag, anchor).text = value;
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || still_open(found->second)) {
      throw YAML::ParserException(mark, "an alias stands inside the value that it refers to");
    }
    count_node(mark);
    attach(found->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::kList, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::kMap, tag, anchor);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  void open(const YAML::Mark& mark, Node::Kind kind, const std::string& tag,
            YAML::anchor_t anchor) {
    if (open_.size() == kMaxDepth) {
      throw YAML::ParserException(
          mark, "nested too deep (" + std::to_string(kMaxDepth) + " levels are allowed)");
    }
    open_.push_back(&add(mark, kind, tag, anchor));
  }

  Node& add(const YAML::Mark& mark, Node::Kind kind, const std::string& tag,
            YAML::anchor_t anchor) {
    count_node(mark);
    Node& node = document_.nodes.emplace_back();
    node.kind = kind;
    node.position = to_position(mark);
    if (tag != "?" && tag != "!") node.tag = tag;  // yaml-cpp's marks for "plain" and "quoted"
    if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
    attach(&node);
    return node;
  }

  void attach(const Node* node) {
    if (open_.empty()) {
      document_.root = node;
    } else {
      open_.back()->children.push_back(node);
    }
  }

  void count_node(const YAML::Mark& mark) {
    last_position_ = to_position(mark);
    if (++node_count_ > kMaxNodes) {
      throw YAML::ParserException(
          mark, "too many values (" + std::to_string(kMaxNodes) + " are allowed)");
    }
  }

  bool still_open(const Node* node) const {
    return std::find(open_.begin(), open_.end(), node) != open_.end();
  }

  std::string_view text_;
  Document document_;
  std::vector<Node*> open_;  // the lists and maps around what comes next, outermost first
  std::unordered_map<YAML::anchor_t, const Node*> anchors_;
  std::size_t node_count_ = 0;
  Position last_position_;
};

}  // namespace

base::Result<Document, Problem> parse_document(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (std::optional<Problem> problem = find_bad_character(text)) return *std::move(problem);

  // yaml-cpp 0.7 takes a quote that is still open at the end of the text for a closed one. An
  // explicit end of the document makes it say so.
  std::istringstream stream(std::string(text) + "\n...\n");

  TreeBuilder builder(text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    return explain_syntax_error(to_position(e.mark), e.msg, text, builder.context());
  }
  return builder.take_document();
}

}  // namespace timewait::config
