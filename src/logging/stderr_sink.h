// Where lines of the log go: stderr, as long as somebody takes them.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include <spdlog/sinks/base_sink.h>

namespace timewait::logging {

// A reader that stalls, be it a pipe's, a terminal's or journald, costs lines of the log, and never
// keeps the thread that logs, as a write() that waits for it would. Before the next line that is
// taken there is one that says how many are lost. Thread-safe, as base_sink is.
class StderrSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // What to say of so many lost lines, for the formatter.
  using SayLost = std::function<std::string(std::size_t lines)>;
  explicit StderrSink(SayLost say_lost) : say_lost_(std::move(say_lost)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  bool write_line(const spdlog::details::log_msg& message);

  SayLost say_lost_;
  std::size_t lost_ = 0;  // lines, since the last that was written
  bool cut_ = false;      // the last line that was begun has no end
};

}  // namespace timewait::logging
