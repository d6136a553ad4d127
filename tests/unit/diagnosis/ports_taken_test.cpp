#include "diagnosis/ports_taken.h"

#include <gtest/gtest.h>

namespace timewait::diagnosis {
namespace {

using inet::TcpState;

class PortsTakenTest : public testing::Test {
 protected:
  PortsTakenTest() {
    pool_.headroom = {1'000, 600, 100, 0};
    pool_.time_wait_ages.entered[10] = 300;
    pool_.sockets[TcpState::kTimeWait] = 300;
    pool_.sockets[TcpState::kEstablished] = 150;
    pool_.sockets[TcpState::kSynRecv] = 50;
    pool_.sockets[TcpState::kCloseWait] = 100;
  }

  PortsTaken taken() const { return {pool_, snapshot_}; }

  analysis::Pool pool_;
  analysis::Snapshot snapshot_;
};

TEST_F(PortsTakenTest, ByEachState) {
  EXPECT_EQ(taken().by(Taker::kTimeWait), 200u);  // less the reusable
  EXPECT_EQ(taken().by(Taker::kEstablished), 200u);
  EXPECT_EQ(taken().by(Taker::kCloseWait), 100u);
  EXPECT_EQ(taken().most_of_open(), Taker::kEstablished);
}

// As those of clients that called bind().
TEST_F(PortsTakenTest, SocketsOnPortsThatAreNotUsableTakeNone) {
  pool_.sockets[TcpState::kEstablished] = 550;
  pool_.sockets[TcpState::kCloseWait] = 300;
  EXPECT_EQ(taken().by(Taker::kEstablished), 200u);  // of 300, in these shares
  EXPECT_EQ(taken().by(Taker::kCloseWait), 100u);
}

TEST_F(PortsTakenTest, WhoTakesMost) {
  EXPECT_EQ(taken().most(), Taker::kTimeWait);
  snapshot_.ephemeral_ports_bound = 201;
  EXPECT_EQ(taken().most(), Taker::kBound);
  snapshot_.ephemeral_ports_reserved = 202;
  EXPECT_EQ(taken().most(), Taker::kReserved);
  EXPECT_EQ(taken().most_of_open(), Taker::kEstablished);
}

}  // namespace
}  // namespace timewait::diagnosis
