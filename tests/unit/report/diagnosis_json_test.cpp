#include "report/diagnosis_json.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "made_diagnosis.h"

namespace timewait::report {
namespace {

using diagnosis::Diagnosis;
using nlohmann::json;

constexpr std::chrono::system_clock::time_point kWrittenAt{
    std::chrono::milliseconds(1'700'003'600'125)};

json json_of(const Diagnosis& diagnosis, int exit_code = 0) {
  return json::parse(diagnosis_json(diagnosis, exit_code, kWrittenAt));
}

TEST(DiagnosisJson, IsOneLine) {
  const std::string text = diagnosis_json(made_diagnosis(), 4, kWrittenAt);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(DiagnosisJson, SaysThatNothingIsWrong) {
  EXPECT_EQ(json_of({}), json({{"schema_version", 1},
                               {"written_at", 1'700'003'600.125},
                               {"worst", nullptr},
                               {"exit_code", 0},
                               {"problems", json::array()},
                               {"harmless", json::array()},
                               {"unknown", json::array()}}));
}

TEST(DiagnosisJson, HasTheWorstAndTheExitCode) {
  const json diagnosis = json_of(made_diagnosis(), 4);
  EXPECT_EQ(diagnosis["worst"], "critical");
  EXPECT_EQ(diagnosis["exit_code"], 4);
}

TEST(DiagnosisJson, HasNullForWhatThereIsNotOf) {
  diagnosis::Problem problem;
  problem.finding = {.severity = analysis::Severity::kWarning,
                     .kind = analysis::FindingKind::kReload,
                     .text = "It failed."};
  problem.remedies = {{.what = "Wait.", .where = "", .lines = {}, .caution = ""}};
  const json told = json_of({{problem}, {}, {}})["problems"][0];
  EXPECT_EQ(told["peer"], nullptr);
  EXPECT_EQ(told["listener"], nullptr);
  EXPECT_EQ(told["why"], nullptr);
  EXPECT_EQ(told["remedies"], json::array({{{"what", "Wait."},
                                            {"where", nullptr},
                                            {"lines", json::array()},
                                            {"caution", nullptr}}}));
}

TEST(DiagnosisJson, KeepsToUtf8) {
  EXPECT_EQ(json_of({{}, {"caf\xe9"}, {}})["harmless"][0], "caf\ufffd");
}

}  // namespace
}  // namespace timewait::report
