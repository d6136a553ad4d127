#include "kernel/proc_net_tcp.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "inet/address.h"
#include "inet/endpoint.h"
#include "inet/tcp_state.h"
#include "kernel/tcp_state_code.h"
#include "kernel/words.h"

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::SocketRecord;

constexpr std::uint64_t kTimeWaitTimer = 3;  // `get_timewait4_sock`

constexpr std::size_t kDigitsPerWord = 8;  // an address is printed 32 bits at a time
constexpr std::size_t kIpv4Digits = kDigitsPerWord;
constexpr std::size_t kIpv6Digits = 4 * kDigitsPerWord;

template <typename Number>
std::optional<Number> parse_hex(std::string_view digits) {
  Number number{};
  const char* const end = digits.data() + digits.size();
  const auto [parsed_to, error] = std::from_chars(digits.data(), end, number, 16);
  if (error != std::errc() || parsed_to != end) return std::nullopt;
  return number;
}

// Each word of an address is the number that the machine reads from the word's memory, which is in
// network order: writing the number back to memory restores it, whatever the machine's own order.
template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> parse_address_bytes(std::string_view digits) {
  std::array<std::uint8_t, N> bytes;
  for (std::size_t at = 0; at < N; at += sizeof(std::uint32_t)) {
    const auto word = parse_hex<std::uint32_t>(digits.substr(2 * at, kDigitsPerWord));
    if (!word) return std::nullopt;
    std::memcpy(bytes.data() + at, &*word, sizeof(*word));
  }
  return bytes;
}

std::optional<inet::Address> parse_address(std::string_view digits) {
  if (digits.size() == kIpv4Digits) {
    const auto bytes = parse_address_bytes<4>(digits);
    if (bytes) return inet::Address::from_ipv4(*bytes);
  } else if (digits.size() == kIpv6Digits) {
    const auto bytes = parse_address_bytes<16>(digits);
    if (bytes) return inet::Address::from_ipv6(*bytes);
  }
  return std::nullopt;
}

std::optional<inet::Endpoint> parse_endpoint(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<inet::Address> address = parse_address(word.substr(0, colon));
  const auto port = parse_hex<std::uint16_t>(word.substr(colon + 1));
  if (!address || !port) return std::nullopt;
  return inet::Endpoint{*address, *port};
}

// "tx_queue:rx_queue", "tr:tm->when".
struct Pair {
  std::uint64_t first;
  std::uint64_t second;
};

std::optional<Pair> parse_pair(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto first = parse_hex<std::uint64_t>(word.substr(0, colon));
  const auto second = parse_hex<std::uint64_t>(word.substr(colon + 1));
  if (!first || !second) return std::nullopt;
  return Pair{*first, *second};
}

std::chrono::milliseconds time_left(std::uint64_t ticks, std::uint64_t ticks_per_second) {
  constexpr std::uint64_t kSeconds = reading::kTimeWaitLength / std::chrono::seconds(1);
  if (ticks >= kSeconds * ticks_per_second) return reading::kTimeWaitLength;
  return std::chrono::milliseconds(ticks * 1000 / ticks_per_second);
}

// A bijection that lets every bit of the input change about half of the output's: the finalizer of
// the generator SplitMix64.
std::uint64_t mixed(std::uint64_t word) {
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
  word = (word ^ word >> 27) * 0x94d049bb133111eb;
  return word ^ word >> 31;
}

// The sockets of a pool have numbers that are near to each other, which are cheap to remember.
std::uint64_t identity_of(const inet::Endpoint& local, const inet::Endpoint& remote) {
  std::uint64_t pool = remote.port;
  for (const inet::Address& address : {local.address, remote.address}) {
    pool = mixed(mixed(pool ^ address.high()) ^ address.low());
  }
  const std::uint64_t identity = pool << 16 | local.port;
  return identity == 0 ? 1 : identity;
}

}  // namespace

bool is_proc_net_tcp_header(std::string_view line) {
  return take_word(line) == "sl" && take_word(line) == "local_address";
}

base::Result<std::optional<SocketRecord>, MalformedField> decode_proc_net_tcp_line(
    std::string_view line, std::uint64_t ticks_per_second) {
  if (!take_word(line).ends_with(':')) return MalformedField{"number"};
  const std::optional<inet::Endpoint> local = parse_endpoint(take_word(line));
  if (!local) return MalformedField{"local address"};
  const std::optional<inet::Endpoint> remote = parse_endpoint(take_word(line));
  if (!remote) return MalformedField{"remote address"};
  const auto code = parse_hex<std::uint8_t>(take_word(line));
  if (!code) return MalformedField{"state"};
  const std::optional<Pair> queues = parse_pair(take_word(line));
  if (!queues) return MalformedField{"queues"};
  const std::optional<Pair> timer = parse_pair(take_word(line));
  if (!timer) return MalformedField{"timer"};

  const std::optional<TcpState> state = decode_state(*code);
  if (!state) return std::optional<SocketRecord>();
  SocketRecord socket;
  socket.local = *local;
  socket.remote = *remote;
  socket.state = *state;
  socket.cookie = identity_of(*local, *remote);
  if (*state == TcpState::kTimeWait) {
    if (timer->first != kTimeWaitTimer) return MalformedField{"timer of a TIME_WAIT socket"};
    socket.time_wait_left = time_left(timer->second, ticks_per_second);
  } else if (*state == TcpState::kListen) {
    if (queues->second > UINT32_MAX) return MalformedField{"accept queue"};
    socket.accept_queue = static_cast<std::uint32_t>(queues->second);
  }
  return std::optional(socket);
}

}  // namespace timewait::kernel
