// What is printed of recorded hosts, kept beside this test. To take over a wanted change:
//   UPDATE_GOLDEN=1 report_test --gtest_filter='*Golden*'
#include "../golden.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "as_text.h"
#include "exposition/snapshot_json.h"
#include "made_diagnosis.h"
#include "recordings.h"
#include "report/diagnosis_json.h"
#include "report/diagnosis_text.h"
#include "report/overview.h"

namespace timewait::report {
namespace {

constexpr std::chrono::milliseconds kAge{20};  // of the figures, when they are printed
constexpr std::chrono::system_clock::time_point kWrittenAt{
    std::chrono::milliseconds(1'700'003'600'125)};

// As the program writes it.
std::string json_of(const diagnosis::Diagnosis& diagnosis) {
  const auto worst = diagnosis.worst();
  const int exit_code = worst == analysis::Severity::kCritical  ? 4
                        : worst == analysis::Severity::kWarning ? 3
                                                                : 0;
  return diagnosis_json(diagnosis, exit_code, kWrittenAt);
}

// In all the ways in which it may be printed.
template <typename Print>
std::string in_all_layouts(Print&& print) {
  std::string all = "== In a file\n" + plain(print(Layout{}));
  for (const std::size_t columns : {200, 120, 80, 40}) {
    all += "\n== In " + std::to_string(columns) + " columns\n" + plain(print(Layout{columns}));
  }
  all += "\n== In 80 columns of ASCII\n" + plain(print(Layout{80, false}));
  all += "\n== With its styles\n" + marked_up(print(Layout{120}));
  return all;
}

class RecordedGolden : public testing::TestWithParam<std::string> {};

TEST_P(RecordedGolden, Overview) {
  const analysis::NamespaceState host = recorded(GetParam());
  expect_golden(in_all_layouts([&](const Layout& layout) {
                  return overview(state_of({host}), after(host, kAge), layout);
                }),
                GetParam() + ".txt");
}

// How it reads: what is true of which host is put to the test elsewhere, of real ones.
TEST_P(RecordedGolden, Diagnosis) {
  const analysis::NamespaceState host = recorded(GetParam());
  const auto diagnosis = diagnosis::diagnose(state_of({host}), after(host, kAge));
  expect_golden(plain(diagnosis_text(diagnosis, {80, true})), GetParam() + ".diagnosis.txt");
  expect_golden(laid_out(json_of(diagnosis)), GetParam() + ".diagnosis.json");
}

TEST_P(RecordedGolden, Json) {
  const analysis::NamespaceState host = recorded(GetParam());
  exposition::Input input;
  input.state = state_of({host});
  input.now = after(host, kAge);
  input.written_at = kWrittenAt;
  input.build = {"0.1.0", "2f1c0de", "g++ 12.2.0"};
  expect_golden(laid_out(exposition::render_json(input)), GetParam() + ".json");
}

INSTANTIATE_TEST_SUITE_P(Each, RecordedGolden, testing::ValuesIn(recordings()),
                         [](const auto& test) { return test.param; });

TEST(Golden, SeveralNamespaces) {
  const analysis::NamespaceState host = recorded("nothing");
  analysis::NamespaceState container = recorded("running_out", "결제");
  analysis::NamespaceState gone{"gone", nullptr, {}};
  gone.health.polls = 1;
  gone.failure = {reading::FailureReason::kNamespace, "/run/netns/gone: No such file or directory"};
  analysis::ExporterState state = state_of({host, container, gone});
  state.hosts.push_back({"db.example.internal", false, 0});
  state.namespaces_left_out = 2;
  const auto now = std::max(after(host, kAge), after(container, kAge));
  expect_golden(in_all_layouts([&](const Layout& layout) { return overview(state, now, layout); }),
                "several_namespaces.txt");
}

TEST(Golden, DiagnosisAsText) {
  expect_golden(
      in_all_layouts([](const Layout& layout) { return diagnosis_text(made_diagnosis(), layout); }),
      "diagnosis.txt");
}

TEST(Golden, DiagnosisAsJson) {
  expect_golden(laid_out(json_of(made_diagnosis())), "diagnosis.json");
}

}  // namespace
}  // namespace timewait::report
