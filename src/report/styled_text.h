// Text for a terminal: what it says and how it is meant; who writes it decides how that looks.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace timewait::report {

enum class Style {
  kPlain,
  kHeading,  // of a table or section
  kFaint,    // there for completeness
  kGood,
  kWarning,
  kCritical,
  kVerbatim,  // to be copied as it is: such a line may be wider than the layout
};

struct Span {
  std::string text;  // UTF-8, printable: no tabs, line ends or other control characters
  Style style = Style::kPlain;
};

using Line = std::vector<Span>;
using Text = std::vector<Line>;

// What a text is laid out for.
struct Layout {
  static constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

  std::size_t columns = kUnlimited;  // no line is wider; at least 1
  bool utf8 = true;                  // else ASCII alone
};

}  // namespace timewait::report
