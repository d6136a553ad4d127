#include "inet/tcp_state.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

namespace timewait::inet {
namespace {

TEST(TcpState, HasTheKernelsValues) {
  EXPECT_EQ(index_of(TcpState::kEstablished), std::size_t{TCP_ESTABLISHED});
  EXPECT_EQ(index_of(TcpState::kTimeWait), std::size_t{TCP_TIME_WAIT});
  EXPECT_EQ(index_of(TcpState::kListen), std::size_t{TCP_LISTEN});
  EXPECT_EQ(index_of(TcpState::kClosing), std::size_t{TCP_CLOSING});
}

TEST(TcpState, Names) {
  EXPECT_EQ(name_of(TcpState::kEstablished), "established");
  EXPECT_EQ(name_of(TcpState::kSynSent), "syn_sent");
  EXPECT_EQ(name_of(TcpState::kSynRecv), "syn_recv");
  EXPECT_EQ(name_of(TcpState::kFinWait1), "fin_wait1");
  EXPECT_EQ(name_of(TcpState::kFinWait2), "fin_wait2");
  EXPECT_EQ(name_of(TcpState::kTimeWait), "time_wait");
  EXPECT_EQ(name_of(TcpState::kCloseWait), "close_wait");
  EXPECT_EQ(name_of(TcpState::kLastAck), "last_ack");
  EXPECT_EQ(name_of(TcpState::kClosing), "closing");
}

}  // namespace
}  // namespace timewait::inet
