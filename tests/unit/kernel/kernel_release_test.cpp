#include "kernel/kernel_release.h"

#include <gtest/gtest.h>

namespace timewait::kernel {
namespace {

TEST(KernelRelease, IsComparedByNumbers) {
  for (const char* later : {"6.8", "6.8.0-31-generic", "6.12.95+deb12-amd64", "7.0.1", "10.0-rc1"}) {
    EXPECT_TRUE(is_at_least(later, 6, 8)) << later;
  }
  for (const char* earlier : {"6.7.12", "6.1.0-50-amd64", "5.10.0", "5.14.0-570.el9", "4.19", "2.6.32"}) {
    EXPECT_FALSE(is_at_least(earlier, 6, 8)) << earlier;
  }
}

TEST(KernelRelease, WhatIsNoneIsEarlierThanAll) {
  for (const char* none : {"", "6", "6.", "x.y", ".8", "-", "99999999999999.1"}) {
    EXPECT_FALSE(is_at_least(none, 0, 1)) << none;
  }
}

TEST(KernelRelease, OfTheRunningKernel) { EXPECT_TRUE(is_at_least(running_release(), 2, 6)); }

}  // namespace
}  // namespace timewait::kernel
