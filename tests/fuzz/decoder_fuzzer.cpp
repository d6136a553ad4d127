// The decoder of sock_diag datagrams takes any bytes: it yields records or a failure, and reads
// nothing beyond them.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernel/inet_diag_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr timewait::kernel::DumpIdentity kIdentity{1, 4242, 18};
  std::vector<timewait::reading::SocketRecord> sockets;
  const auto progress =
      timewait::kernel::decode_datagram(std::as_bytes(std::span(data, size)), kIdentity, sockets);
  constexpr std::size_t kSmallestMessage = 16 + 72;
  if (sockets.size() * kSmallestMessage > size) __builtin_trap();
  if (!progress && progress.error().failure.message.empty()) __builtin_trap();
  return 0;
}
