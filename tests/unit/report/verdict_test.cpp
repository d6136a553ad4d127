#include "report/verdict.h"

#include <optional>

#include <gtest/gtest.h>

#include "as_text.h"

namespace timewait::report {
namespace {

using analysis::Finding;
using analysis::FindingKind;
using analysis::Severity;

Finding found(Severity severity) { return {.severity = severity, .kind = FindingKind::kReload}; }

TEST(AllClear, IsGivenWhereNothingIsWrong) {
  EXPECT_EQ(all_clear(std::nullopt, "")->text, "Nothing is wrong.");
  EXPECT_EQ(all_clear(Severity::kInfo, "")->text,
            "Nothing is wrong, but something could be better.");
  EXPECT_FALSE(all_clear(Severity::kWarning, ""));
  EXPECT_FALSE(all_clear(Severity::kCritical, ""));
}

TEST(AllClear, SaysWhatItIsNotAbout) {
  for (const std::optional<Severity> worst : {std::optional<Severity>(), {Severity::kInfo}}) {
    EXPECT_EQ(all_clear(worst, "nobody looked")->text, "Nothing is wrong, but nobody looked.");
  }
  EXPECT_FALSE(all_clear(Severity::kWarning, "nobody looked"));
}

TEST(Summary, IsEmptyWhereNothingIsWrong) {
  EXPECT_TRUE(summary_of({}, {}).empty());
  EXPECT_TRUE(summary_of({found(Severity::kInfo)}, {}).empty());
}

TEST(Summary, CountsWhatIsWrong) {
  EXPECT_EQ(marked_up(summary_of({found(Severity::kWarning)}, {})),
            "<warning>1 warning: timewait diagnose says why, and what to change.</>\n");
  EXPECT_EQ(
      marked_up(summary_of(
          {found(Severity::kCritical), found(Severity::kCritical), found(Severity::kInfo)}, {})),
      "<critical>2 critical: timewait diagnose says why, and what to change.</>\n");
  EXPECT_EQ(
      plain(summary_of(
          {found(Severity::kCritical), found(Severity::kWarning), found(Severity::kWarning)}, {})),
      "1 critical, 2 warnings: timewait diagnose says why, and what to change.\n");
}

}  // namespace
}  // namespace timewait::report
