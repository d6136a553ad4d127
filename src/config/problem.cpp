#include "config/problem.h"

#include <cstddef>
#include <optional>

#include "config/utf8.h"

namespace timewait::config {
namespace {

constexpr std::size_t kShownBytes = 64;

std::string hex_escape(char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'\\', 'x', kDigits[value >> 4], kDigits[value & 0xf]};
}

}  // namespace

std::string format(const Problem& problem, const std::string& file_name) {
  std::string line = file_name + ":" + std::to_string(problem.position.line) + ":" +
                     std::to_string(problem.position.column) + ": ";
  if (!problem.key.empty()) line += problem.key + ": ";
  return line + problem.message;
}

std::string printable(std::string_view text) {
  std::string shown;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (shown.size() >= kShownBytes) return shown + "...";
    const std::optional<Utf8Char> next = decode_utf8(rest);
    const std::size_t size = next ? next->size : 1;
    if (next && !is_control(next->code_point)) {
      shown += rest.substr(0, size);
    } else {
      for (const char byte : rest.substr(0, size)) shown += hex_escape(byte);
    }
    rest.remove_prefix(size);
  }
  return shown;
}

std::string quoted(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace timewait::config
