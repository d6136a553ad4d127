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

// Of `columns`, those for so many ports: all of them only if the ports are all.
std::size_t columns_for(std::uint32_t ports, std::uint32_t capacity, std::size_t columns) {
  if (ports >= capacity) return columns;
  const auto rounded = std::lround(static_cast<double>(columns) * ports / capacity);
  return std::min(static_cast<std::size_t>(rounded), columns - 1);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string repeated;
  for (; times > 0; --times) repeated += text;
  return repeated;
}

}  // namespace

std::string bar(const analysis::Headroom& headroom, std::size_t columns, bool utf8) {
  const Shades& shades = utf8 ? kUtf8 : kAscii;
  const std::uint32_t blocked = headroom.used - headroom.reusable;
  const std::size_t taken = columns_for(blocked, headroom.capacity, columns);
  const std::size_t used = columns_for(headroom.used, headroom.capacity, columns);
  return repeated(shades.taken, taken) + repeated(shades.reusable, used - taken) +
         repeated(shades.free, columns - used);
}

}  // namespace timewait::report
