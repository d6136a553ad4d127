// Whether files have changed since they were last looked at. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace timewait::daemon {

class FileStates {
 public:
  // Looks at the files as they are now.
  void look(const std::vector<std::string>& paths);

  // Whether one of them is another than at look(). Also for two seconds after a change, since a
  // second one within a tick of the file system's clock would not show.
  bool may_have_changed() const;

  bool operator==(const FileStates& other) const { return files_ == other.files_; }

 private:
  // What tells one state of a file from another; all zero when there is no file.
  struct State {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::chrono::nanoseconds modified{0};
    std::chrono::nanoseconds changed{0};

    bool operator==(const State&) const = default;
  };

  static State state_of(const std::string& path);

  std::vector<std::pair<std::string, State>> files_;
  bool settled_ = false;
};

}  // namespace timewait::daemon
