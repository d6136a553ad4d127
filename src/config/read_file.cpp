#include "config/read_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace timewait::config {

base::Result<std::string> read_file(const std::string& path) {
  // O_NONBLOCK: to open a FIFO would otherwise wait for a writer.
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return base::system_error(path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return base::system_error(path, errno);
  if (S_ISDIR(status.st_mode)) return base::system_error(path, EISDIR);
  if (!S_ISREG(status.st_mode)) return base::Error{path + ": not a regular file"};

  std::string content;
  std::array<char, 16384> buffer;
  while (true) {
    const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::system_error(path, errno);
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > kMaxFileBytes) return base::Error{path + ": larger than 1 MiB"};
  }
}

}  // namespace timewait::config
