#include "daemon/file_states.h"

#include <algorithm>

#include <sys/stat.h>

namespace timewait::daemon {
namespace {

// Longer than the ticks in which file systems count.
constexpr std::chrono::seconds kSettling{2};

std::chrono::nanoseconds to_nanoseconds(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

FileStates::State FileStates::state_of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return {};
  return {file.st_dev, file.st_ino, file.st_size, to_nanoseconds(file.st_mtim),
          to_nanoseconds(file.st_ctim)};
}

void FileStates::look(const std::vector<std::string>& paths) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  files_.clear();
  settled_ = true;
  for (const std::string& path : paths) {
    const State& state = files_.emplace_back(path, state_of(path)).second;
    const std::chrono::nanoseconds age = now - state.changed;
    if (std::chrono::abs(age) < kSettling) settled_ = false;
  }
}

bool FileStates::may_have_changed() const {
  return !settled_ || std::any_of(files_.begin(), files_.end(), [](const auto& file) {
    return state_of(file.first) != file.second;
  });
}

}  // namespace timewait::daemon
