#include "kernel/proc_file.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace timewait::kernel {
namespace {

// How many bytes it gives, from its beginning; nothing if it cannot be read.
std::optional<std::size_t> read_once(int file, std::span<char> room) {
  ssize_t count = 0;
  do {
    count = ::pread(file, room.data(), room.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return std::nullopt;
  return static_cast<std::size_t>(count);
}

// What does not fit is not to be had by reading on: a sysctl drops it (`proc_do_large_bitmap`).
std::optional<std::string_view> read_whole(int file, ProcBuffer& buffer) {
  std::span<char> room = buffer.usual();
  std::optional<std::size_t> size = read_once(file, room);
  if (size == room.size()) {
    room = buffer.largest();
    size = read_once(file, room);
  }
  if (!size || *size == room.size()) return std::nullopt;
  return std::string_view(room.data(), *size);
}

}  // namespace

std::span<char> ProcBuffer::largest() {
  if (!largest_) largest_ = std::make_unique_for_overwrite<char[]>(kLargest);
  return {largest_.get(), kLargest};
}

std::optional<std::string_view> ProcFile::read(ProcBuffer& buffer) {
  if (!file_.valid()) file_ = base::UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_.valid()) return std::nullopt;
  const std::optional<std::string_view> content = read_whole(file_.get(), buffer);
  if (keep_open_ == KeepOpen::kNo || !content) file_ = base::UniqueFd();
  return content;
}

std::optional<std::string> read_proc_file(const std::string& path) {
  ProcBuffer buffer;
  const std::optional<std::string_view> content = ProcFile(path, KeepOpen::kNo).read(buffer);
  if (!content) return std::nullopt;
  return std::string(*content);
}

}  // namespace timewait::kernel
