// Reads files of procfs that the kernel answers whole in one read(): sysctls, and those that are
// one record (`single_open`), such as netstat, or stat and cgroup of a process. Not /proc/net/tcp.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace timewait::kernel {

// Room for the content of one file. Allocates only for one that is longer than 8 KiB.
class ProcBuffer {
 public:
  std::span<char> usual() { return usual_; }
  std::span<char> largest();

 private:
  static constexpr std::size_t kLargest = 1024 * 1024;

  // A byte less than 8 KiB: for a sysctl, the kernel allocates one more than it is asked for.
  std::array<char, 8 * 1024 - 1> usual_;
  std::unique_ptr<char[]> largest_;
};

enum class KeepOpen { kNo, kYes };

// One file, to be read again and again. Not thread-safe.
//
// Kept open, it costs a fraction of what opening it each time does; but it stays the file of the
// network namespace that it was opened in, and a file of /proc/PID/net holds that namespace.
class ProcFile {
 public:
  ProcFile(std::string path, KeepOpen keep_open) : path_(std::move(path)), keep_open_(keep_open) {}

  const std::string& path() const { return path_; }

  // The whole content, in `buffer`; nothing if the file is not there, cannot be read, or is longer
  // than 1 MiB. After a failure it is opened anew.
  std::optional<std::string_view> read(ProcBuffer& buffer);

 private:
  std::string path_;
  KeepOpen keep_open_;
  base::UniqueFd file_;
};

// The same of a file that is read just once.
std::optional<std::string> read_proc_file(const std::string& path);

}  // namespace timewait::kernel
