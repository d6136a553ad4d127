#include "report/bar.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace timewait::report {
namespace {

// What stands for ports. Shades, which the fonts of a bare console have, too.
struct Shades {
  std::string_view taken;
  std::string_view reusable;
  std::string_view free;
};
constexpr Shades kUtf8{"█", "▒", "░"};
constexpr Shades kAscii{"#", "+", "."};

// Of `columns`, those for `ports` of `of`: all or none only if they are.
std::size_t columns_for(std::uint32_t ports, std::uint32_t of, std::size_t columns) {
  if (ports == 0) return 0;
  if (ports >= of) return columns;
  const auto rounded = std::lround(static_cast<double>(columns) * ports / of);
  return std::clamp<std::size_t>(static_cast<std::size_t>(rounded), 1,
                                 std::max<std::size_t>(columns, 2) - 1);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string repeated;
  for (; times > 0; --times) repeated += text;
  return repeated;
}

}  // namespace

std::string bar(const analysis::Headroom& headroom, std::size_t columns, bool utf8) {
  const Shades& shades = utf8 ? kUtf8 : kAscii;
  // Without capacity there is nothing to take.
  const std::size_t used =
      headroom.capacity == 0 ? columns : columns_for(headroom.used, headroom.capacity, columns);
  const std::size_t reusable = columns_for(headroom.reusable, headroom.used, used);
  return repeated(shades.taken, used - reusable) + repeated(shades.reusable, reusable) +
         repeated(shades.free, columns - used);
}

}  // namespace timewait::report
