#include "exposition/reference.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>

#include "exposition/catalogue.h"
#include "inet/tcp_state.h"
#include "reading/read_failure.h"

namespace timewait::exposition {
namespace {

using testing::HasSubstr;

std::string as_cell(std::string_view name) { return "| `" + std::string(name) + "` |"; }

TEST(Reference, TheFileIsUpToDate) {
  std::ostringstream file;
  file << std::ifstream(TIMEWAIT_REFERENCE_FILE, std::ios::binary).rdbuf();
  EXPECT_TRUE(file.str() == metrics_reference())
      << "METRICS.md is not what the catalogue says; run\n"
         "  ./dev reference\nor, from the build directory,\n"
         "  ./metrics_reference > " TIMEWAIT_REFERENCE_FILE;
}

TEST(Reference, HasEveryMetricOnce) {
  const std::string text = metrics_reference();
  for (const MetricInfo& info : catalogue()) {
    const auto at = text.find(as_cell(info.name));
    ASSERT_NE(at, std::string::npos) << info.name;
    EXPECT_EQ(text.find(as_cell(info.name), at + 1), std::string::npos) << info.name;
  }
}

TEST(Reference, ExplainsEveryStateAndEveryReason) {
  const std::string text = metrics_reference();
  for (const inet::TcpState state : inet::kConnectionStates) {
    EXPECT_THAT(text, HasSubstr(as_cell(inet::name_of(state))));
  }
  for (const std::string_view reason : reading::kFailureReasonNames) {
    EXPECT_THAT(text, HasSubstr(as_cell(reason)));
  }
}

}  // namespace
}  // namespace timewait::exposition
