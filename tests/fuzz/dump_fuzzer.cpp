// Whatever the kernel answers, and in whatever order: a dump that was answered well hands out each
// socket once and as it came, any other says that it failed and why, and neither harms the next.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <linux/netlink.h>
#include <sys/socket.h>

#include "choices.h"
#include "kernel/socket_dump.h"
#include "require.h"
#include "scripted_netlink.h"

namespace timewait::kernel {
namespace {
using timewait::inet::TcpState;
using timewait::reading::FailureReason;
using timewait::reading::SocketRecord;

constexpr std::size_t kBufferBytes = 32 * 1024;
constexpr std::uint32_t kBoundInactive = 1u << 13;
constexpr std::uint8_t kLastState = 13;

using Cookies = std::vector<std::uint32_t>;

enum class End {
  kNone,     // not yet
  kDone,     // as it should be
  kRefused,  // before the first socket, with an errno that says that the kernel does not know how
  kFailed,
};

// A request, and what the script made of it.
struct Exchange {
  DumpRequest request;
  Cookies sockets{};  // that a reader has to hand out
  End end = End::kNone;
  bool is_known = true;  // false: it had bytes that the script cannot judge
};

bool is_refusal(int error) {
  return error == ENOENT || error == EINVAL || error == EOPNOTSUPP || error == EPROTONOSUPPORT;
}

class FuzzedKernel : public ScriptedNetlink {
 public:
  explicit FuzzedKernel(Choices& choices) : choices_(choices) {}

  // What a read() has led to.
  const std::vector<Exchange>& exchanges() const { return exchanges_; }
  void forget_exchanges() { exchanges_.clear(); }

 private:
  int asked(const DumpRequest& request) override {
    // Asked again after EINTR.
    const bool again = !exchanges_.empty() &&
                       exchanges_.back().request.header.nlmsg_seq == request.header.nlmsg_seq;
    if (!again) exchanges_.push_back({.request = request});
    static constexpr std::array kErrors = {0, 0, 0, 0, 0, 0, EINTR, ENOBUFS};
    const int error = choices_.one_of(kErrors);
    if (error != 0 && error != EINTR) exchanges_.back().end = End::kFailed;
    return error;
  }

  NetlinkAnswer answer() override {
    require(exchanges_.back().end == End::kNone || !exchanges_.back().is_known);  // nobody reads on
    if (!choices_.are_left()) return failing_receive(EAGAIN);
    enum Kind { kMessages, kError, kForeign, kTooLong, kRaw, kKinds };
    switch (choices_.below(2 * kKinds)) {
      case kError:
        return failing_receive(choices_.one_of(std::array{EINTR, EAGAIN, ENOBUFS, ENOMEM}));
      case kForeign:
        return {0, foreign_messages(), 1 + choices_.number<std::uint32_t>() % 9999};
      case kTooLong:
        fail();
        return {0, Bytes(kBufferBytes + 1)};
      case kRaw:
        return {0, raw()};
      default:
        return {0, messages()};
    }
  }

  NetlinkAnswer failing_receive(int error) {
    if (error != EINTR) fail();
    return {error};
  }

  Bytes raw() {
    exchanges_.back().is_known = false;
    const auto bytes = std::as_bytes(choices_.bytes(choices_.below(128)));
    return {bytes.begin(), bytes.end()};
  }

  // As good as any, but not from the kernel.
  Bytes foreign_messages() {
    Bytes datagram;
    append_answer(datagram, request(), request().header.nlmsg_type, made_socket(1, ++cookie_));
    append_answer(datagram, request(), NLMSG_DONE, 0);
    return datagram;
  }

  Bytes messages() {
    Bytes datagram;
    Cookies sockets;
    for (std::size_t left = choices_.below(12); left > 0; --left) {
      const Exchange& exchange = exchanges_.back();
      append_message(datagram, sockets, exchange.end == End::kNone);
    }
    if (datagram.empty()) fail();
    // Of a datagram that ends a dump badly nothing is handed out.
    Exchange& exchange = exchanges_.back();
    if (exchange.end == End::kNone || exchange.end == End::kDone) {
      exchange.sockets.insert(exchange.sockets.end(), sockets.begin(), sockets.end());
    } else if (exchange.end == End::kRefused && !(sockets.empty() && exchange.sockets.empty())) {
      exchange.end = End::kFailed;
    }
    return datagram;
  }

  // `counts`: nothing before has ended the exchange.
  void append_message(Bytes& datagram, Cookies& sockets, bool counts) {
    const std::size_t begin = datagram.size();
    const std::size_t what = choices_.below(16);
    End end = End::kNone;
    std::optional<std::uint32_t> cookie;
    switch (what) {
      case 0:
        end = append_done(datagram);
        break;
      case 1:
        end = append_error(datagram);
        break;
      case 2:
        append_answer(datagram, request(), NLMSG_NOOP, 0);
        break;
      case 3:
        append_answer(datagram, request(), NLMSG_OVERRUN, 0);
        end = End::kFailed;
        break;
      case 4:
        append_answer(datagram, request(), 0x7fff, 0);
        end = End::kFailed;
        break;
      default:
        cookie = append_socket(datagram);
    }
    end = spoil(datagram, begin, end, cookie);
    if (!counts) return;
    if (cookie) sockets.push_back(*cookie);
    exchanges_.back().end = end;
  }

  End append_done(Bytes& datagram) {
    static constexpr std::array kStatus = {0, 0, 0, 1, -EINVAL, -ENOENT, -ENOMEM, -4096};
    const int status = choices_.one_of(kStatus);
    append_answer(datagram, request(), NLMSG_DONE, status);
    if (status >= 0) return End::kDone;
    return is_refusal(-status) ? End::kRefused : End::kFailed;
  }

  End append_error(Bytes& datagram) {
    static constexpr std::array kErrors = {0,      -ENOENT,     -EINVAL,          -EBUSY,
                                           -EPERM, -EOPNOTSUPP, -EPROTONOSUPPORT, -2147483647};
    nlmsgerr error{};
    error.error = choices_.one_of(kErrors);
    append_answer(datagram, request(), NLMSG_ERROR, error);
    if (error.error == 0) return End::kNone;  // an acknowledgement
    return is_refusal(-error.error) ? End::kRefused : End::kFailed;
  }

  std::optional<std::uint32_t> append_socket(Bytes& datagram) {
    inet_diag_msg socket =
        made_socket(static_cast<std::uint8_t>(choices_.below(kLastState + 2)), ++cookie_);
    socket.idiag_family =
        choices_.one_of(std::array<std::uint8_t, 4>{AF_INET, AF_INET6, AF_INET, 1});
    append_answer(datagram, request(), request().header.nlmsg_type, socket);
    const bool is_known =
        socket.idiag_state >= 1 && socket.idiag_state <= kLastState && socket.idiag_family != 1;
    if (!is_known) return std::nullopt;
    return cookie_;
  }

  // What may be wrong with any message. Gives what comes of it.
  End spoil(Bytes& datagram, std::size_t begin, End end, std::optional<std::uint32_t>& cookie) {
    nlmsghdr header;
    std::memcpy(&header, datagram.data() + begin, sizeof(header));
    switch (choices_.below(32)) {
      case 1:  // of an earlier dump
        --header.nlmsg_seq;
        end = End::kNone;
        cookie.reset();
        break;
      case 2:  // of another socket's
        ++header.nlmsg_pid;
        end = End::kNone;
        cookie.reset();
        break;
      case 3:
        header.nlmsg_flags |= NLM_F_DUMP_INTR;
        end = End::kFailed;
        cookie.reset();
        break;
      case 4:  // shorter than what it is of
        header.nlmsg_len = sizeof(header);
        datagram.resize(begin + sizeof(header));
        if (header.nlmsg_type != NLMSG_NOOP) end = End::kFailed;
        cookie.reset();
        break;
      case 5:
        header.nlmsg_len = static_cast<std::uint32_t>(choices_.below(sizeof(header)));
        end = End::kFailed;
        cookie.reset();
        break;
      case 6:
        header.nlmsg_len = kBufferBytes + choices_.number<std::uint16_t>();
        end = End::kFailed;
        cookie.reset();
        break;
      default:
        break;
    }
    std::memcpy(datagram.data() + begin, &header, sizeof(header));
    return end;
  }

  const DumpRequest& request() const { return exchanges_.back().request; }
  void fail() { exchanges_.back().end = End::kFailed; }

  Choices& choices_;
  std::vector<Exchange> exchanges_;
  std::uint32_t cookie_ = 0;
};

bool is_good(const std::vector<Exchange>& exchanges) {
  const auto is = [](End end) { return [end](const Exchange& each) { return each.end == end; }; };
  return std::any_of(exchanges.begin(), exchanges.end(), is(End::kDone)) &&
         std::none_of(exchanges.begin(), exchanges.end(), is(End::kFailed)) &&
         !is(End::kNone)(exchanges.back());
}

// Those that were merely bound at an earlier dump come first, if this one did not ask for them.
std::size_t count_known(const std::vector<SocketRecord>& handed_out,
                        const std::vector<Exchange>& exchanges) {
  if ((exchanges.front().request.states & kBoundInactive) != 0) return 0;
  std::size_t from_script = 0;
  for (const Exchange& each : exchanges) from_script += each.sockets.size();
  require(from_script <= handed_out.size());
  const std::size_t known = handed_out.size() - from_script;
  for (const SocketRecord& socket : std::span(handed_out).first(known)) {
    require(socket.state == TcpState::kClose);
  }
  return known;
}

void check(const timewait::base::Status<timewait::reading::ReadFailure>& status,
           const std::vector<SocketRecord>& handed_out, const std::vector<Exchange>& exchanges) {
  require(!exchanges.empty());
  require(status || !status.error().message.empty());
  const auto is_known = [](const Exchange& each) { return each.is_known; };
  if (!std::all_of(exchanges.begin(), exchanges.end(), is_known)) return;
  if (!status) {
    require(exchanges.back().end == End::kFailed || exchanges.back().end == End::kRefused);
  } else {
    require(is_good(exchanges));
  }
  std::size_t at = count_known(handed_out, exchanges);
  // Then another reader may take over.
  const bool is_unavailable = !status && status.error().reason == FailureReason::kUnavailable;
  require(!is_unavailable || at == handed_out.size());
  for (const Exchange& each : exchanges) {
    for (const std::uint32_t cookie : each.sockets) require(handed_out.at(at++).cookie == cookie);
  }
  require(at == handed_out.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const Walk walk = choices.yes() ? Walk::kByFamily : Walk::kOnce;
  auto owned = std::make_unique<FuzzedKernel>(choices);
  FuzzedKernel& kernel = *owned;
  SocketDump dump(NetlinkSocket(std::move(owned), ScriptedNetlink::kPortId), walk);
  do {
    kernel.forget_exchanges();
    std::vector<SocketRecord> handed_out;
    const auto status = dump.read([&](std::span<const SocketRecord> sockets) {
      handed_out.insert(handed_out.end(), sockets.begin(), sockets.end());
    });
    check(status, handed_out, kernel.exchanges());
  } while (choices.are_left());
  return 0;
}

}  // namespace timewait::kernel
