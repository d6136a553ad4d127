#include "analysis/group_memory.h"

#include <optional>

#include <gtest/gtest.h>

namespace timewait::analysis {
namespace {

using inet::TcpState;

bool seen(const SocketGroup& group, TcpState state) {
  return group.states_seen[inet::index_of(state)];
}

TEST(GroupMemory, StatesStayUntilTheNameIsForgotten) {
  GroupMemory memory;
  StateCounts counts;
  counts[TcpState::kCloseWait] = 3;
  SocketGroup group = memory.update("a", counts, 0, 0);
  EXPECT_TRUE(seen(group, TcpState::kCloseWait));
  EXPECT_TRUE(seen(group, TcpState::kEstablished));
  EXPECT_TRUE(seen(group, TcpState::kTimeWait));
  EXPECT_FALSE(seen(group, TcpState::kSynSent));

  memory.begin();
  group = memory.update("a", StateCounts{}, 0, 0);
  EXPECT_TRUE(seen(group, TcpState::kCloseWait));
  EXPECT_EQ(group.sockets.total(), 0u);

  memory.begin();
  memory.forget_others();
  EXPECT_FALSE(memory.knows("a"));
  EXPECT_FALSE(seen(memory.update("a", StateCounts{}, 0, 0), TcpState::kCloseWait));
}

TEST(GroupMemory, TheCounterGrows) {
  GroupMemory memory;
  EXPECT_EQ(memory.update("a", StateCounts{}, 5, 0).time_wait_entered, 5u);
  memory.begin();
  EXPECT_EQ(memory.update("a", StateCounts{}, 2, 0).time_wait_entered, 7u);
  EXPECT_EQ(memory.update("b", StateCounts{}, 1, 0).time_wait_entered, 1u);
  memory.forget_others();
  EXPECT_TRUE(memory.knows("a"));
  EXPECT_TRUE(memory.knows("b"));
}

TEST(GroupMemory, LastingCloseWaitsAreKnownUntilThereAreFewer) {
  GroupMemory memory;
  StateCounts counts;
  counts[TcpState::kCloseWait] = 50;
  EXPECT_EQ(memory.update("a", counts, 0, std::nullopt).lasting_close_waits, 0u);
  EXPECT_EQ(memory.update("a", counts, 0, 30).lasting_close_waits, 30u);
  EXPECT_EQ(memory.update("a", counts, 0, std::nullopt).lasting_close_waits, 30u);
  counts[TcpState::kCloseWait] = 10;
  EXPECT_EQ(memory.update("a", counts, 0, std::nullopt).lasting_close_waits, 10u);
  EXPECT_EQ(memory.update("a", counts, 0, 0).lasting_close_waits, 0u);
}

}  // namespace
}  // namespace timewait::analysis
