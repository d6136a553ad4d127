// Styled text as plain text, for tests to compare.
#pragma once

#include <string>
#include <string_view>

#include "report/styled_text.h"

namespace timewait::report {

// What a terminal without colours shows; each line ends with a line feed.
inline std::string plain(const Text& text) {
  std::string plain;
  for (const Line& line : text) {
    for (const Span& span : line) plain += span.text;
    plain += '\n';
  }
  return plain;
}

inline std::string_view name_of(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kHeading:
      return "heading";
    case Style::kFaint:
      return "faint";
    case Style::kGood:
      return "good";
    case Style::kWarning:
      return "warning";
    case Style::kCritical:
      return "critical";
    case Style::kVerbatim:
      return "verbatim";
  }
  return "?";
}

// The same with styles in sight: "<critical>10.0.0.9:443</>  10.0.0.5".
inline std::string marked_up(const Text& text) {
  std::string marked_up;
  for (const Line& line : text) {
    for (const Span& span : line) {
      const std::string_view style = name_of(span.style);
      marked_up += style.empty() ? span.text : "<" + std::string(style) + ">" + span.text + "</>";
    }
    marked_up += '\n';
  }
  return marked_up;
}

}  // namespace timewait::report
