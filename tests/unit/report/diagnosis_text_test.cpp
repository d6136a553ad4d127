#include "report/diagnosis_text.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include <gmock/gmock.h>

#include "as_text.h"
#include "made_diagnosis.h"
#include "report/display_width.h"

namespace timewait::report {
namespace {

using diagnosis::Diagnosis;
using diagnosis::Problem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string said_of(const Diagnosis& diagnosis, const Layout& layout = {}) {
  return plain(diagnosis_text(diagnosis, layout));
}

Diagnosis one_problem(analysis::Severity severity, std::string text) {
  Problem problem;
  problem.finding.severity = severity;
  problem.finding.text = std::move(text);
  return {{problem}, {}, {}};
}

TEST(DiagnosisText, SaysPlainlyThatNothingIsWrong) {
  EXPECT_EQ(marked_up(diagnosis_text({}, {})), "<good>Nothing is wrong.</>\n");
}

TEST(DiagnosisText, TellsWhatIsHarmlessAndUnknownThoughNothingIsWrong) {
  EXPECT_EQ(said_of({{}, {"Old ports do no harm."}, {"The rest."}}),
            "Nothing is wrong.\n\nHarmless:\n  - Old ports do no harm.\n\n"
            "Not known:\n  - The rest.\n");
}

TEST(DiagnosisText, SaysInItsFirstLineWhatNobodyLookedAt) {
  EXPECT_EQ(said_of({{}, {}, {}, "ports held by bind() were not asked for"}),
            "Nothing is wrong, but ports held by bind() were not asked for.\n");
}

TEST(DiagnosisText, DoesNotTakeInformationForSomethingWrong) {
  EXPECT_EQ(said_of(one_problem(analysis::Severity::kInfo, "It is slow.")),
            "Nothing is wrong, but something could be better.\n\nINFO      It is slow.\n");
}

TEST(DiagnosisText, SaysNothingOfWhatThereIsNotOf) {
  EXPECT_EQ(said_of(one_problem(analysis::Severity::kWarning, "It runs out.")),
            "WARNING   It runs out.\n");
}

TEST(DiagnosisText, NeverBreaksLinesThatAreToBeCopied) {
  const std::string line =
      "sysctl -w net.ipv4.ip_local_port_range=\"10240 65535\" "
      "net.ipv4.ip_local_reserved_ports=10250,15672";
  EXPECT_THAT(marked_up(diagnosis_text(made_diagnosis(), {40, true})),
              HasSubstr("<verbatim>" + line + "</>\n"));
}

TEST(DiagnosisText, NumbersWhatToChange) {
  const std::string text = said_of(made_diagnosis());
  EXPECT_THAT(text, HasSubstr("\n  1. Keep connections"));
  EXPECT_THAT(text, HasSubstr("\n  2. Let more ports be used.\n"));
  EXPECT_THAT(text, Not(HasSubstr("Where: \n")));
}

TEST(DiagnosisText, BreaksProseWhereTheTerminalEnds) {
  EXPECT_THAT(said_of(one_problem(analysis::Severity::kCritical, "No local port is left at 3 %."),
                      {30, true}),
              StartsWith("CRITICAL  No local port is\n          left at 3 %.\n"));
}

TEST(DiagnosisText, KeepsProseLegibleOnWideTerminals) {
  std::string prose;
  for (int i = 0; i < 100; ++i) prose += "word ";
  for (const Line& line :
       diagnosis_text(one_problem(analysis::Severity::kWarning, prose), {250, true})) {
    EXPECT_LE(display_width(plain({line})), 100u);
  }
}

TEST(DiagnosisText, LeavesAFileToItsReader) {
  const std::string text =
      said_of(one_problem(analysis::Severity::kWarning, std::string(300, 'x')));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

}  // namespace
}  // namespace timewait::report
