// Feeds arbitrary bytes to the loader of web configurations. Every file that one names holds these
// bytes, too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/web_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = timewait::config::parse_web_config(
      text, "fuzz.yml", [&](const std::string&) { return std::string(text); });
  if (loaded.files.empty() || loaded.files.front() != "fuzz.yml") __builtin_trap();
  if (loaded.config) return 0;
  // A failure says why, one line for each problem.
  if (loaded.config.error().problems.empty()) __builtin_trap();
  for (const std::string& problem : loaded.config.error().problems) {
    const bool has_position = problem.starts_with("fuzz.yml:") && problem[9] >= '1';
    if (!has_position || problem.find('\n') != std::string::npos) __builtin_trap();
  }
  return 0;
}
