// Why a poll could not read the kernel. The reason is a label of a metric, so the list is closed.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace timewait::reading {

enum class FailureReason {
  kUnavailable,  // no netlink sock_diag, or no /proc/net/tcp: not in this kernel, or a sandbox
                 // forbids it
  kSend,         // the request could not be sent
  kReceive,      // recvmsg() or read() failed
  kTimeout,      // the kernel did not answer in time
  kOverrun,      // ENOBUFS: the kernel dropped part of its answer
  kTruncated,    // a datagram was larger than the buffer
  kMalformed,    // the answer contradicts itself, or is none: a length, a field
  kKernelError,  // NLMSG_ERROR, or NLMSG_DONE with an error status
  kInterrupted,  // the kernel's tables changed under the dump: NLM_F_DUMP_INTR, or out of order
  kSettings,     // a sysctl that must be there cannot be read
  kNamespace,    // the network namespace is gone or cannot be entered
};

inline constexpr std::array<std::string_view, 11> kFailureReasonNames = {
    "unavailable", "send",         "receive",     "timeout",  "overrun",  "truncated",
    "malformed",   "kernel_error", "interrupted", "settings", "namespace"};

constexpr std::string_view name_of(FailureReason reason) {
  return kFailureReasonNames[static_cast<std::size_t>(reason)];
}

struct ReadFailure {
  FailureReason reason;
  std::string message;  // a sentence for the log, without a trailing period
};

}  // namespace timewait::reading
