// Whatever is printed, of whichever host, on a terminal of whatever width.
#include <chrono>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "as_text.h"
#include "made_diagnosis.h"
#include "recordings.h"
#include "report/diagnosis_text.h"
#include "report/line.h"
#include "report/overview.h"

namespace timewait::report {
namespace {

bool is_control(char byte) { return (byte >= 0 && byte < ' ') || byte == '\x7f'; }

// C1 in UTF-8.
bool has_c1(const std::string& text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\xc2' && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

bool is_to_be_copied(const Line& line) {
  return !line.empty() && line.back().style == Style::kVerbatim;
}

void expect_printable(const Line& line, const Layout& layout) {
  for (const Span& span : line) {
    EXPECT_FALSE(has_c1(span.text)) << span.text;
    for (const char byte : span.text) {
      EXPECT_FALSE(is_control(byte)) << span.text;
      EXPECT_TRUE(layout.utf8 || byte >= 0) << span.text;
    }
  }
}

// However narrow: 1 to 250 columns.
template <typename Print>
void expect_fitting(Print&& print) {
  for (const bool utf8 : {true, false}) {
    for (std::size_t columns = 1; columns <= 250; ++columns) {
      const Layout layout{columns, utf8};
      for (const Line& line : print(layout)) {
        EXPECT_TRUE(width_of(line) <= columns || is_to_be_copied(line)) << plain({line});
        expect_printable(line, layout);
      }
    }
  }
}

class EveryWidth : public testing::TestWithParam<std::string> {};

TEST_P(EveryWidth, Overview) {
  const analysis::NamespaceState host = recorded(GetParam());
  analysis::NamespaceState gone{"사라진\x1b[2J\u009b", nullptr, {}};
  gone.health.polls = 1;
  const analysis::ExporterState state = state_of({host, gone});
  const auto now = after(host, std::chrono::seconds(1));
  expect_fitting([&](const Layout& layout) { return overview(state, now, layout); });
}

INSTANTIATE_TEST_SUITE_P(Each, EveryWidth, testing::ValuesIn(recordings()),
                         [](const auto& test) { return test.param; });

TEST(EveryWidthOf, Diagnosis) {
  expect_fitting([](const Layout& layout) { return diagnosis_text(made_diagnosis(), layout); });
}

}  // namespace
}  // namespace timewait::report
