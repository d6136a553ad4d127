// Feeds arbitrary bytes to the configuration loader.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = timewait::config::parse(text, "fuzz.yml");
  if (config) return 0;
  // A failure says why, one line for each problem.
  if (config.error().problems.empty()) __builtin_trap();
  for (const std::string& problem : config.error().problems) {
    const bool has_position = problem.starts_with("fuzz.yml:") && problem[9] >= '1';
    if (!has_position || problem.find('\n') != std::string::npos) {
      __builtin_trap();
    }
  }
  return 0;
}
