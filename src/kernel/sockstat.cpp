#include "kernel/sockstat.h"

#include "kernel/words.h"

namespace timewait::kernel {

std::optional<std::uint64_t> find_in_sockstat(std::string_view content, std::string_view protocol,
                                              std::string_view name) {
  while (!content.empty()) {
    std::string_view line = take_line(content);
    if (take_word(line) != protocol) continue;
    for (;;) {
      const std::string_view next_name = take_word(line);
      const std::string_view next_value = take_word(line);
      if (next_name.empty()) return std::nullopt;
      if (next_name == name) return to_number(next_value);
    }
  }
  return std::nullopt;
}

}  // namespace timewait::kernel
