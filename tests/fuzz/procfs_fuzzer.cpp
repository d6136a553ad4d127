// The readers of /proc/net/tcp take any text: it is cut into the same lines however it comes in
// pieces, and each yields a record, nothing or a failure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/line_buffer.h"
#include "kernel/proc_net_tcp.h"
#include "require.h"

namespace {

using timewait::kernel::LineBuffer;

void decode(std::string_view line) {
  using timewait::reading::kTimeWaitLength;
  const bool is_header = timewait::kernel::is_proc_net_tcp_header(line);
  const auto decoded = timewait::kernel::decode_proc_net_tcp_line(line, 100);
  if (!decoded) {
    require(!decoded.error().name.empty());
  } else if (*decoded) {
    require(!is_header);
    require((*decoded)->cookie != 0);
    require((*decoded)->time_wait_left.count() >= 0);
    require((*decoded)->time_wait_left <= kTimeWaitLength);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t piece = 1 + data[0];
  LineBuffer buffer(8 * piece);
  std::string_view rest = text;   // what is still to come
  std::string_view lines = text;  // what no line was taken from yet
  for (;;) {
    while (const auto line = buffer.take_line()) {
      require(*line == lines.substr(0, lines.find('\n')));
      lines.remove_prefix(line->size() + 1);
      decode(*line);
    }
    const auto room = buffer.room();
    const std::size_t next = std::min({room.size(), piece, rest.size()});
    if (next == 0) break;
    std::copy_n(rest.begin(), next, room.begin());
    buffer.add(next);
    rest.remove_prefix(next);
  }
  require(!rest.empty() || buffer.unread() == lines);
  return 0;
}
