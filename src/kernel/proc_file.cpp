#include "kernel/proc_file.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::kernel {

std::optional<std::string> read_proc_file(const std::string& path, std::size_t capacity) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return std::nullopt;
  std::string content(capacity, '\0');
  std::size_t size = 0;
  while (size < capacity) {
    const ssize_t count = ::read(file.get(), content.data() + size, capacity - size);
    if (count < 0) {
      if (errno == EINTR) continue;
      return std::nullopt;
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  content.resize(size);
  return content;
}

}  // namespace timewait::kernel
