#include "config/yaml_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace timewait::config {
namespace {

using testing::SizeIs;

Document parse_good(std::string_view text) {
  base::Result<Document, Problem> document = parse_document(text);
  if (!document) {
    ADD_FAILURE() << format(document.error(), "d.yml");
    return {};
  }
  return *std::move(document);
}

std::string problem_of(std::string_view text) {
  const base::Result<Document, Problem> document = parse_document(text);
  return document ? "none" : format(document.error(), "d.yml");
}

TEST(ParseDocument, RemembersPositions) {
  const Document document = parse_good("a: {b: c}\nd:\n  - \"e\"\n");
  const std::vector<const Node*>& root = document.root->children;
  ASSERT_THAT(root, SizeIs(4));
  EXPECT_EQ(root[0]->position, (Position{1, 1}));
  EXPECT_EQ(root[1]->position, (Position{1, 4}));
  EXPECT_EQ(root[1]->children[1]->position, (Position{1, 8}));
  EXPECT_EQ(root[3]->children[0]->position, (Position{3, 5}));
  EXPECT_EQ(root[3]->children[0]->text, "e");
}

TEST(ParseDocument, KeepsDuplicateKeys) {
  const Document document = parse_good("{a: 1, a: 2}");
  ASSERT_NE(document.root, nullptr);
  EXPECT_THAT(document.root->children, SizeIs(4));
}

TEST(ParseDocument, AliasesShareTheirTarget) {
  const Document document = parse_good("[&x {a: 1}, *x]");
  EXPECT_EQ(document.root->children[0], document.root->children[1]);
}

TEST(ParseDocument, OnlyPlainNullIsNull) {
  const Document document = parse_good("[~, null, , '~', \"null\"]");
  const auto kind = [&](std::size_t i) { return document.root->children[i]->kind; };
  for (const std::size_t i : {0u, 1u, 2u}) EXPECT_EQ(kind(i), Node::Kind::kNull);
  for (const std::size_t i : {3u, 4u}) EXPECT_EQ(kind(i), Node::Kind::kScalar);
}

TEST(ParseDocument, RefusesAQuoteThatIsNeverClosed) {
  for (const char* const text :
       {"a: \"b", "a: \"b\n", "a: 'b\n\n", "a: 'b\nc: d\n", "a: \"b\\\n"}) {
    EXPECT_EQ(problem_of(text),
              "d.yml:1:1: syntax: a quote that is opened after this is never closed")
        << text;
  }
}

TEST(ParseDocument, AcceptsThirtyTwoLevels) {
  parse_good(std::string(32, '[') + std::string(32, ']'));
  EXPECT_EQ(problem_of(std::string(33, '[') + std::string(33, ']')),
            "d.yml:1:33: syntax: nested too deep (32 levels are allowed)");
}

TEST(ParseDocument, SurvivesEveryBeginningOfADocument) {
  const std::string text =
      "%YAML 1.2\n---\n? &a [b, {c: 'd', ? \"e\\u00e9\"}]\n: !!str |-\n  f\ng: *a\n...\n";
  for (std::size_t size = 0; size <= text.size(); ++size)
    (void)parse_document(text.substr(0, size));
}

}  // namespace
}  // namespace timewait::config
