// One thing that is wrong with a configuration file, and where.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace timewait::config {

// 1-based. Columns count bytes, as compilers do; a byte-order mark is not counted.
struct Position {
  int line = 1;
  int column = 1;

  auto operator<=>(const Position&) const = default;
};

struct Problem {
  Position position;
  std::string key;      // "peers[1].match[0].port"; empty for the document as a whole
  std::string message;  // what is wrong (what is allowed)
};

// "FILE:LINE:COL: KEY: MESSAGE", or "FILE:LINE:COL: MESSAGE" without a key. Always one line.
std::string format(const Problem& problem, const std::string& file_name);

// `text` cut to a length that suits a message, with control characters and what is not UTF-8 as
// \xHH.
std::string printable(std::string_view text);

// As printable(), between double quotes.
std::string quoted(std::string_view text);

}  // namespace timewait::config
