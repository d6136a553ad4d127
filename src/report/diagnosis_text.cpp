#include "report/diagnosis_text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "report/display_width.h"
#include "report/finding_text.h"
#include "report/line.h"
#include "report/verdict.h"

namespace timewait::report {
namespace {

using diagnosis::Diagnosis;
using diagnosis::Problem;
using diagnosis::Remedy;

constexpr char kIndent[] = "  ";
constexpr char kStepIndent[] = "     ";  // as far as what stands behind "  1. "
constexpr char kLinesIndent[] = "         ";
constexpr std::size_t kLegibleColumns = 100;  // the eye loses its way in longer lines

void add_labelled(Text& text, const std::string& indent, const std::string& label,
                  const std::string& words, const Layout& layout) {
  if (words.empty()) return;
  append(text, paragraph({{indent}, {label + " ", Style::kHeading}}, {words}, layout));
}

void add_bullets(Text& text, const std::vector<std::string>& sentences, const Layout& layout) {
  for (const std::string& sentence : sentences) {
    append(text, paragraph({{"  - "}}, {sentence}, layout));
  }
}

Text remedy_text(const Remedy& remedy, std::size_t number, const Layout& layout) {
  Text text = paragraph({{kIndent + std::to_string(number) + ". "}}, {remedy.what}, layout);
  add_labelled(text, kStepIndent, "Where:", remedy.where, layout);
  for (const std::string& line : remedy.lines) {
    text.push_back({{kLinesIndent}, {printable(line, layout.utf8), Style::kVerbatim}});
  }
  add_labelled(text, kStepIndent, "Caution:", remedy.caution, layout);
  return text;
}

void add_remedies(Text& text, const std::vector<Remedy>& remedies, const Layout& layout) {
  if (remedies.empty()) return;
  text.push_back({});
  append(text, paragraph({{kIndent}}, {"Change:", Style::kHeading}, layout));
  for (std::size_t i = 0; i < remedies.size(); ++i) {
    if (i > 0) text.push_back({});
    append(text, remedy_text(remedies[i], i + 1, layout));
  }
}

Text problem_text(const Problem& problem, const Layout& layout) {
  Text text = finding_text(problem.finding, layout);
  add_bullets(text, problem.evidence, layout);
  add_labelled(text, kIndent, "Why:", problem.why, layout);
  add_remedies(text, problem.remedies, layout);
  return text;
}

Layout for_prose(const Layout& layout) {
  if (layout.columns == Layout::kUnlimited) return layout;
  return {std::min(layout.columns, kLegibleColumns), layout.utf8};
}

Text section(const char* heading, const std::vector<std::string>& sentences, const Layout& layout) {
  if (sentences.empty()) return {};
  Text text = paragraph({}, {heading, Style::kHeading}, layout);
  add_bullets(text, sentences, layout);
  return text;
}

}  // namespace

Text diagnosis_text(const Diagnosis& diagnosis, const Layout& terminal) {
  const Layout layout = for_prose(terminal);
  Text text;
  const auto good_news = all_clear(diagnosis.worst(), diagnosis.proviso);
  if (good_news) text = paragraph({}, *good_news, layout);
  for (const Problem& problem : diagnosis.problems) {
    add_section(text, problem_text(problem, layout));
  }
  add_section(text, section("Harmless:", diagnosis.harmless, layout));
  add_section(text, section("Not known:", diagnosis.unknown, layout));
  return text;
}

}  // namespace timewait::report
