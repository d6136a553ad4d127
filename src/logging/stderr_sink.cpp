#include "logging/stderr_sink.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>

#include <poll.h>
#include <unistd.h>

namespace timewait::logging {
namespace {

// Whether a write of PIPE_BUF bytes or less would not wait: of a pipe it tells that a page is free
// (`pipe_poll`), of a socket that most of its buffer is (`unix_writable`). O_NONBLOCK would do for
// any length, but it would hold for all who have the stream open.
bool takes_more() {
  pollfd stream{STDERR_FILENO, POLLOUT, 0};
  return ::poll(&stream, 1, 0) == 1 && (stream.revents & POLLOUT) != 0;
}

// What of the text is left when the stream takes no more.
std::string_view write_what_fits(std::string_view text) {
  while (!text.empty() && takes_more()) {
    const ssize_t written =
        ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR) break;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return text;
}

}  // namespace

void StderrSink::sink_it_(const spdlog::details::log_msg& message) {
  if (lost_ > 0) {
    const std::string said = say_lost_(lost_);
    spdlog::details::log_msg loss = message;
    loss.payload = said;
    if (write_line(loss)) lost_ = 0;
  }
  if (lost_ > 0 || !write_line(message)) ++lost_;
}

// False if it is lost, at least its end.
bool StderrSink::write_line(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  if (cut_) line.push_back('\n');
  formatter_->format(message, line);
  const std::string_view left = write_what_fits({line.data(), line.size()});
  if (left.size() < line.size()) cut_ = !left.empty();
  return left.empty();
}

}  // namespace timewait::logging
