// Cuts text that comes in pieces into lines, through a buffer of fixed size. Allocates only when
// made. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace timewait::kernel {

class LineBuffer {
 public:
  // The longest line that fits, its line feed included, has `capacity` bytes.
  explicit LineBuffer(std::size_t capacity) : bytes_(capacity) {}

  // The next line without its line feed, valid until room() is called; nothing if more text is
  // needed.
  std::optional<std::string_view> take_line() {
    const std::string_view text = unread();
    const std::size_t length = text.find('\n');
    if (length == std::string_view::npos) return std::nullopt;
    begin_ += length + 1;
    return text.substr(0, length);
  }

  // Where the next piece goes. Empty if a line does not fit. Call when take_line() has nothing.
  std::span<char> room() {
    std::memmove(bytes_.data(), bytes_.data() + begin_, unread().size());
    end_ -= begin_;
    begin_ = 0;
    return std::span(bytes_).subspan(end_);
  }

  // That many bytes were put into room(); no more than it has.
  void add(std::size_t size) { end_ += size; }

  // What no line feed has ended yet.
  std::string_view unread() const { return {bytes_.data() + begin_, end_ - begin_}; }

  void clear() { begin_ = end_ = 0; }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;  // of what is unread
  std::size_t end_ = 0;
};

}  // namespace timewait::kernel
