// How much room text takes on a terminal, and how to make it take less. By Unicode's tables, not
// the locale's. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace timewait::report {

// `text` as a terminal may be given it: "?" stands for each control character and for what is no
// UTF-8; without `utf8` also for each character beyond ASCII that takes room, and those that take
// none are left out.
std::string printable(std::string_view text, bool utf8);

// Columns that printable UTF-8 takes: a Korean syllable two, a combining mark none.
std::size_t display_width(std::string_view text);

// The characters from the beginning that fit into so many columns, with the marks that combine with
// the last.
std::string_view beginning(std::string_view text, std::size_t columns);

// Printable UTF-8 in at most `columns` columns: what does not fit is cut out of the middle, since
// the ends of addresses and names tell more. With `utf8` "…" stands for it, else "..".
std::string shortened(const std::string& text, std::size_t columns, bool utf8);

}  // namespace timewait::report
