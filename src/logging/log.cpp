#include "logging/log.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>

#include "logging/stderr_sink.h"

namespace timewait::logging {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warn", "error"};

std::string_view name_of(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

// JSON string syntax serves logfmt too: both quote and escape alike.
std::string quote(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false,
                                   nlohmann::json::error_handler_t::replace);
}

bool is_plain(char c) { return c > ' ' && c != '"' && c != '=' && c != '\x7f' && c != '\\'; }

std::string logfmt_value(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  return quote(text);
}

std::string render_logfmt(LogLevel level, std::string_view message, const Log::Fields& fields) {
  std::string line = "level=";
  line.append(name_of(level)).append(" msg=").append(logfmt_value(message));
  for (const auto& [key, value] : fields) {
    line.append(" ").append(key).append("=").append(logfmt_value(value));
  }
  return line;
}

// Without the opening brace: the time stamp stands before it.
std::string render_json(LogLevel level, std::string_view message, const Log::Fields& fields) {
  std::string line = "\"level\":";
  line.append(quote(name_of(level))).append(",\"msg\":").append(quote(message));
  for (const auto& [key, value] : fields) {
    line.append(",").append(quote(key)).append(":").append(quote(value));
  }
  return line + "}";
}

std::string render(LogFormat format, LogLevel level, std::string_view message,
                   const Log::Fields& fields) {
  return format == LogFormat::kJson ? render_json(level, message, fields)
                                    : render_logfmt(level, message, fields);
}

}  // namespace

Log::Log(LogLevel least, LogFormat format)
    : least_(least),
      format_(format),
      logger_(std::make_shared<spdlog::logger>(
          "log", std::make_shared<StderrSink>([format](std::size_t lines) {
            return render(format, LogLevel::kWarn, "lines of the log are lost: nobody read them",
                          {{"lines", std::to_string(lines)}});
          }))) {
  const char* const pattern = format == LogFormat::kJson ? R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ",%v)"
                                                         : "ts=%Y-%m-%dT%H:%M:%S.%eZ %v";
  logger_->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
  logger_->set_error_handler([](const std::string&) {});  // nobody is left to be told
}

void Log::info(std::string_view message, const Fields& fields) const {
  write(LogLevel::kInfo, message, fields);
}
void Log::warn(std::string_view message, const Fields& fields) const {
  write(LogLevel::kWarn, message, fields);
}
void Log::error(std::string_view message, const Fields& fields) const {
  write(LogLevel::kError, message, fields);
}

void Log::write(LogLevel level, std::string_view message, const Fields& fields) const {
  if (level < least_) return;
  logger_->log(spdlog::level::info, render(format_, level, message, fields));
}

void log_problems(const Log& log, std::string_view message,
                  const std::vector<std::string>& problems) {
  constexpr std::size_t kMaxLogged = 20;
  for (std::size_t i = 0; i < problems.size() && i < kMaxLogged; ++i) {
    log.error(message, {{"problem", problems[i]}});
  }
  if (problems.size() <= kMaxLogged) return;
  log.error(message, {{"more_problems", std::to_string(problems.size() - kMaxLogged)}});
}

}  // namespace timewait::logging
