// Whole expositions, kept beside this test. To take over a wanted change:
//   UPDATE_GOLDEN=1 exposition_test --gtest_filter='*Golden*'
#include "../golden.h"

#include <string>

#include <gtest/gtest.h>

#include "exposition/render.h"
#include "exposition/snapshot_json.h"
#include "sample_input.h"

namespace timewait::exposition {
namespace {

TEST(Golden, FullSnapshotAsText) {
  expect_golden(render(input_with_all(), Format::kText), "full.txt");
}

TEST(Golden, FullSnapshotAsOpenMetrics) {
  expect_golden(render(input_with_all(), Format::kOpenMetrics), "full.openmetrics.txt");
}

TEST(Golden, BeforeFirstPollAsText) {
  expect_golden(render(input_before_first_poll(), Format::kText), "before_first_poll.txt");
}

TEST(Golden, BeforeFirstPollAsOpenMetrics) {
  expect_golden(render(input_before_first_poll(), Format::kOpenMetrics),
                "before_first_poll.openmetrics.txt");
}

TEST(Golden, FullSnapshotAsJson) {
  expect_golden(laid_out(render_json(input_with_all())), "full.json");
}

TEST(Golden, BeforeFirstPollAsJson) {
  expect_golden(laid_out(render_json(input_before_first_poll())), "before_first_poll.json");
}

}  // namespace
}  // namespace timewait::exposition
