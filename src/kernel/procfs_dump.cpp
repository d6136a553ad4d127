#include "kernel/procfs_dump.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "inet/tcp_state.h"
#include "kernel/proc_net_tcp.h"

namespace timewait::kernel {
namespace {

using inet::TcpState;
using reading::FailureReason;
using reading::ReadFailure;
using reading::SocketRecord;

constexpr std::size_t kBufferBytes = 16 * 1024;
constexpr std::size_t kRecordsPerBatch = 256;
// More than a line has with every field at its longest (`get_tcp6_sock`).
constexpr std::size_t kLongestLine = 256;

// /proc/net is the main thread's network namespace, /proc/thread-self/net that of the thread that
// opens it (`get_proc_task_net`).
std::string net_path(const std::string& proc_root, const char* file) {
  return proc_root + "/thread-self/net/" + file;
}

std::uint64_t ticks_per_second() { return static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)); }

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

ProcfsDump::Table::Table(std::string path) : path_(std::move(path)), text_(kBufferBytes) {}

base::Result<bool, ReadFailure> ProcfsDump::Table::open() {
  close();
  file_ = base::UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_.valid()) {
    if (errno == ENOENT) return false;
    return ReadFailure{FailureReason::kUnavailable,
                       base::system_error("cannot open " + path_, errno).message};
  }
  at_end_ = false;
  base::Result<std::optional<std::string_view>, ReadFailure> header = next_line();
  if (!header) return header.error();
  if (!*header || !is_proc_net_tcp_header(**header)) return malformed("header");
  base::Status<ReadFailure> advanced = advance();
  if (!advanced) return advanced.error();
  return true;
}

void ProcfsDump::Table::close() {
  file_ = base::UniqueFd();
  text_.clear();
  line_number_ = 0;
  at_end_ = true;
  socket_.reset();
}

base::Status<ReadFailure> ProcfsDump::Table::advance() {
  socket_.reset();
  while (!socket_) {
    base::Result<std::optional<std::string_view>, ReadFailure> line = next_line();
    if (!line) return line.error();
    if (!*line) return base::Ok{};
    base::Result<std::optional<SocketRecord>, MalformedField> decoded =
        decode_proc_net_tcp_line(**line, ticks_per_second());
    if (!decoded) return malformed(decoded.error().name);
    socket_ = *decoded;
    // Bound sockets are not among these: it is one that is being taken down.
    if (socket_ && socket_->state == TcpState::kClose) socket_.reset();
  }
  return base::Ok{};
}

base::Result<std::optional<std::string_view>, ReadFailure> ProcfsDump::Table::next_line() {
  ++line_number_;
  std::optional<std::string_view> line = text_.take_line();
  while (!line && !at_end_) {
    base::Status<ReadFailure> more = read_more();
    if (!more) return more.error();
    line = text_.take_line();
  }
  if (!line && !text_.unread().empty()) return malformed("cut short");
  return line;
}

// A read() brings a page of whole lines, or as much as the buffer holds (`seq_read_iter`), so one
// that leaves room for another line was the last. Asking again all the same would have the kernel
// walk its tables anew and go on at the number at which this walk ended: it would take as long, and
// show as many sockets twice as came meanwhile (`tcp_seq_start`).
base::Status<ReadFailure> ProcfsDump::Table::read_more() {
  const std::span<char> room = text_.room();
  if (room.empty()) return malformed("too long");
  ssize_t size = 0;
  do {
    size = ::read(file_.get(), room.data(), room.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) {
    return ReadFailure{FailureReason::kReceive,
                       base::system_error("cannot read " + path_, errno).message};
  }
  const auto bytes = static_cast<std::size_t>(size);
  text_.add(bytes);
  at_end_ = bytes == 0 || bytes + kLongestLine < std::min(room.size(), page_bytes());
  return base::Ok{};
}

ReadFailure ProcfsDump::Table::malformed(std::string_view what) const {
  return {FailureReason::kMalformed, "line " + std::to_string(line_number_) + " of " + path_ +
                                         " is malformed: " + std::string(what)};
}

ProcfsDump::ProcfsDump(const std::string& proc_root)
    : tables_{Table(net_path(proc_root, "tcp")), Table(net_path(proc_root, "tcp6"))} {
  records_.reserve(kRecordsPerBatch);
}

base::Status<ReadFailure> ProcfsDump::read(const reading::SocketSink& sink) {
  records_.clear();
  base::Status<ReadFailure> status = open_tables();
  if (status) status = read_listeners(sink);
  if (status) status = read_connections(sink);
  for (Table& table : tables_) table.close();
  return status;
}

base::Status<ReadFailure> ProcfsDump::open_tables() {
  for (Table& table : tables_) {
    base::Result<bool, ReadFailure> is_there = table.open();
    if (!is_there) return is_there.error();
    if (!*is_there && &table == &tables_.front()) {
      return ReadFailure{FailureReason::kUnavailable, "there is no " + table.path()};
    }
  }
  return base::Ok{};
}

base::Status<ReadFailure> ProcfsDump::read_listeners(const reading::SocketSink& sink) {
  for (Table& table : tables_) {
    while (table.socket() && table.socket()->state == TcpState::kListen) {
      deliver(*table.socket(), sink);
      base::Status<ReadFailure> advanced = table.advance();
      if (!advanced) return advanced;
    }
  }
  flush(sink);
  return base::Ok{};
}

base::Status<ReadFailure> ProcfsDump::read_connections(const reading::SocketSink& sink) {
  for (Table& table : tables_) {
    while (table.socket()) {
      if (table.socket()->state == TcpState::kListen) {
        return ReadFailure{FailureReason::kInterrupted,
                           "a listener came after a connection in " + table.path()};
      }
      deliver(*table.socket(), sink);
      base::Status<ReadFailure> advanced = table.advance();
      if (!advanced) return advanced;
    }
  }
  flush(sink);
  return base::Ok{};
}

void ProcfsDump::deliver(const SocketRecord& socket, const reading::SocketSink& sink) {
  records_.push_back(socket);
  if (records_.size() == kRecordsPerBatch) flush(sink);
}

void ProcfsDump::flush(const reading::SocketSink& sink) {
  if (!records_.empty()) sink(records_);
  records_.clear();
}

}  // namespace timewait::kernel
