#include "exposition/catalogue.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <prometheus/metric_family.h>

#include "exposition/collect.h"
#include "sample_input.h"

namespace timewait::exposition {
namespace {

using testing::ElementsAreArray;

template <typename Series>
std::vector<std::string> label_names(const Series& series) {
  std::vector<std::string> names;
  for (const auto& label : series.label) {
    if (label.name != "netns") names.push_back(label.name);
  }
  return names;
}

TEST(Catalogue, AFullSnapshotProducesAllOfItInOrderAndNothingElse) {
  std::vector<std::string> produced;
  for (const auto& family : collect(input_with_all())) produced.push_back(family.name);
  std::vector<std::string> catalogued;
  for (const MetricInfo& info : catalogue()) catalogued.emplace_back(info.name);
  EXPECT_THAT(produced, ElementsAreArray(catalogued));
}

TEST(Catalogue, SeriesHaveTheLabelsOfTheCatalogue) {
  const auto families = collect(input_with_all());
  ASSERT_EQ(families.size(), catalogue().size());
  for (std::size_t i = 0; i < families.size(); ++i) {
    const LabelNames& labels = catalogue()[i].labels;
    for (const auto& series : families[i].metric) {
      EXPECT_THAT(label_names(series), ElementsAreArray(labels.begin(), labels.end()))
          << families[i].name;
    }
  }
}

TEST(Catalogue, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const MetricInfo& info : catalogue()) EXPECT_TRUE(names.insert(info.name).second);
}

TEST(Catalogue, CountersAndOnlyCountersEndInTotal) {
  for (const MetricInfo& info : catalogue()) {
    EXPECT_EQ(info.name.ends_with("_total"), info.type == MetricType::kCounter) << info.name;
  }
}

// TextSerializer writes HELP as it is.
TEST(Catalogue, HelpIsOneSentenceThatNeedsNoEscaping) {
  for (const MetricInfo& info : catalogue()) {
    EXPECT_EQ(info.help.find_first_of("\\\n\r"), std::string_view::npos) << info.name;
    EXPECT_GT(info.help.size(), 10u) << info.name;
    EXPECT_EQ(info.help.find(". "), std::string_view::npos) << info.name;
    EXPECT_EQ(info.help.find('.'), info.help.size() - 1) << info.name;
  }
}

// A "|" would end a cell of the reference's tables.
TEST(Catalogue, TextsFitTheReference) {
  for (const MetricInfo& info : catalogue()) {
    EXPECT_EQ(info.help.find('|'), std::string_view::npos) << info.name;
    EXPECT_EQ(info.notes.find('\n'), std::string_view::npos) << info.name;
    EXPECT_TRUE(info.notes.empty() || info.notes.ends_with('.')) << info.name;
  }
}

TEST(Catalogue, MetricsOfASectionAreNeighbours) {
  for (std::size_t i = 1; i < catalogue().size(); ++i) {
    EXPECT_LE(catalogue()[i - 1].section, catalogue()[i].section) << catalogue()[i].name;
  }
}

TEST(Catalogue, UnitOf) {
  EXPECT_EQ(unit_of("process_cpu_seconds_total"), "seconds");
  EXPECT_EQ(unit_of("timewait_tcp_tw_reuse"), "");
  EXPECT_EQ(unit_of("no_such_metric"), "");
}

}  // namespace
}  // namespace timewait::exposition
