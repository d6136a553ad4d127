// Reads the TCP sockets of one network namespace from /proc/net/tcp and tcp6, as a stream: for
// where sock_diag is not to be had. It takes about four times the CPU of SocketDump, and tells
// less: kernel/proc_net_tcp.h says what is missing of each socket. Sockets that are bound and
// neither listening nor connected are missing altogether: they stand in no table that these files
// show.
//
// The kernel walks its tables once for each file, listeners first (`tcp_get_idx`); so the listeners
// of both files are read before the connections of either. Should a listener come after a
// connection all the same, the dump fails (kInterrupted): late it would break the order of
// reading::SocketSink, and without it its connections would be taken for outbound ones. That takes
// a walk that was started anew while listeners came in numbers (`tcp_seq_start`), or a kernel
// before 4.4, which shows sockets in SYN_RECV among the listeners.
//
// As in any dump, a socket may be shown twice or not at all if its part of the tables changes
// meanwhile. Needs no capability. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "kernel/line_buffer.h"
#include "reading/read_failure.h"
#include "reading/socket_record.h"

namespace timewait::kernel {

class ProcfsDump {
 public:
  // `proc_root` is "/proc" but in tests.
  explicit ProcfsDump(const std::string& proc_root);

  // Streams all sockets of the calling thread's network namespace into `sink`. After a failure the
  // sink has seen a part of them, which is worth nothing; the next call starts afresh. A kernel
  // without IPv6 is fine; fails with kUnavailable if there is no tcp.
  base::Status<reading::ReadFailure> read(const reading::SocketSink& sink);

 private:
  // One of the files, socket by socket.
  class Table {
   public:
    explicit Table(std::string path);

    // Opens the file anew and goes to its first socket. False if there is no such file.
    base::Result<bool, reading::ReadFailure> open();
    void close();

    // Nothing at the end.
    const std::optional<reading::SocketRecord>& socket() const { return socket_; }
    base::Status<reading::ReadFailure> advance();

    const std::string& path() const { return path_; }

   private:
    base::Result<std::optional<std::string_view>, reading::ReadFailure> next_line();
    base::Status<reading::ReadFailure> read_more();
    reading::ReadFailure malformed(std::string_view what) const;

    std::string path_;
    base::UniqueFd file_;
    LineBuffer text_;
    std::uint64_t line_number_ = 0;
    bool at_end_ = true;
    std::optional<reading::SocketRecord> socket_;
  };

  base::Status<reading::ReadFailure> open_tables();
  base::Status<reading::ReadFailure> read_listeners(const reading::SocketSink& sink);
  base::Status<reading::ReadFailure> read_connections(const reading::SocketSink& sink);
  void deliver(const reading::SocketRecord& socket, const reading::SocketSink& sink);
  void flush(const reading::SocketSink& sink);

  std::array<Table, 2> tables_;                 // tcp, tcp6
  std::vector<reading::SocketRecord> records_;  // on their way to the sink
};

}  // namespace timewait::kernel
