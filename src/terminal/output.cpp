#include "terminal/output.h"

#include <cerrno>
#include <csignal>
#include <iostream>
#include <string>

#include <fmt/color.h>
#include <poll.h>
#include <unistd.h>

#include "base/result.h"
#include "terminal/capabilities.h"

namespace timewait::terminal {
namespace {

constexpr int kStream = STDOUT_FILENO;

fmt::text_style look_of(report::Style style) {
  switch (style) {
    case report::Style::kPlain:
    case report::Style::kVerbatim:
      break;
    case report::Style::kHeading:
      return fmt::emphasis::bold;
    case report::Style::kFaint:
      return fmt::emphasis::faint;
    case report::Style::kGood:
      return fmt::fg(fmt::terminal_color::green);
    case report::Style::kWarning:
      return fmt::fg(fmt::terminal_color::yellow);
    case report::Style::kCritical:
      return fmt::fg(fmt::terminal_color::red) | fmt::emphasis::bold;
  }
  return {};
}

std::string as_bytes(const report::Text& text, bool colour) {
  std::string bytes;
  for (const report::Line& line : text) {
    for (const report::Span& span : line) {
      bytes += colour ? fmt::format(look_of(span.style), "{}", span.text) : span.text;
    }
    bytes += '\n';
  }
  return bytes;
}

// Of a stream that others have made non-blocking, as a terminal that is shared may be.
void wait_for_room() {
  pollfd stream{kStream, POLLOUT, 0};
  ::poll(&stream, 1, -1);
}

}  // namespace

Output::Output() : utf8_(take_locale_with_utf8()), colour_(takes_colour(kStream)) {
  std::signal(SIGPIPE, SIG_IGN);
}

report::Layout Output::layout() const { return {columns_of(kStream), utf8_}; }

Printed Output::print(const report::Text& text) const { return print(as_bytes(text, colour_)); }

Printed Output::print(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(kStream, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      wait_for_room();
    } else if (errno == EPIPE) {
      return Printed::kReaderIsGone;
    } else if (errno != EINTR) {
      std::cerr << "timewait: " << base::system_error("cannot write to stdout", errno).message
                << "\n";
      return Printed::kFailed;
    }
  }
  return Printed::kAll;
}

bool Output::wait_until(std::chrono::steady_clock::time_point time) const {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(time - std::chrono::steady_clock::now());
    if (left.count() <= 0) return true;
    pollfd stream{kStream, 0, 0};  // a reader that is gone is told of unasked
    const int told = ::poll(&stream, 1, static_cast<int>(left.count()));
    if (told > 0) return false;
  }
}

}  // namespace timewait::terminal
