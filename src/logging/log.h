// The log: lines of logfmt or JSON on stderr. Thread-safe. Writing never fails the caller, nor
// makes it wait: lines that the reader of stderr does not take are lost, and counted in the log.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spdlog {
class logger;
}

namespace timewait::logging {

// info: what an operator would put in a diary. warn: works on, but figures age or are incomplete.
// error: something that was asked for does not happen. debug: as info, as long as no line is for
// developers alone. off: no lines.
enum class LogLevel { kDebug, kInfo, kWarn, kError, kOff };
enum class LogFormat { kLogfmt, kJson };

class Log {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  Log(LogLevel least, LogFormat format);

  void info(std::string_view message, const Fields& fields = {}) const;
  void warn(std::string_view message, const Fields& fields = {}) const;
  void error(std::string_view message, const Fields& fields = {}) const;

 private:
  void write(LogLevel level, std::string_view message, const Fields& fields) const;

  LogLevel least_;
  LogFormat format_;
  std::shared_ptr<spdlog::logger> logger_;
};

// What is wrong with a configuration: an error for each problem, up to 20 of them.
void log_problems(const Log& log, std::string_view message,
                  const std::vector<std::string>& problems);

}  // namespace timewait::logging
