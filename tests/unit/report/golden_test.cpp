// What is printed of recorded hosts, kept beside this test. To take over a wanted change:
//   UPDATE_GOLDEN=1 report_test --gtest_filter='*Golden*'
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "as_text.h"
#include "made_diagnosis.h"
#include "recordings.h"
#include "report/diagnosis_json.h"
#include "report/diagnosis_text.h"
#include "report/overview.h"

namespace timewait::report {
namespace {

constexpr std::chrono::milliseconds kAge{20};  // of the figures, when they are printed

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void expect_golden(const std::string& text, const std::string& name) {
  const std::string path = std::string(TIMEWAIT_GOLDEN_DIR) + "/" + name;
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, read_file(path)) << "if the change is wanted, run again with UPDATE_GOLDEN=1";
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
  const std::chrono::system_clock::time_point written_at(
      std::chrono::milliseconds(1'700'003'600'125));
  const std::string json = diagnosis_json(made_diagnosis(), 4, written_at);
  expect_golden(nlohmann::ordered_json::parse(json).dump(1) + "\n", "diagnosis.json");
}

}  // namespace
}  // namespace timewait::report
