// What a terminal can show. From the environment, so not thread-safe.
#pragma once

#include <cstddef>

namespace timewait::terminal {

// Takes the user's locale for the program's; whether text is UTF-8 in it. A host need not have it:
// ssh brings the name of the one at home along, and a small host may have none. Then its name
// tells.
bool take_locale_with_utf8();

// Whether colours are shown and wanted: on a terminal that is not TERM=dumb, without NO_COLOR
// (https://no-color.org).
bool takes_colour(int fd);

// How wide lines are: COLUMNS, else what the terminal says, at present; report::Layout::kUnlimited
// for what is no terminal.
std::size_t columns_of(int fd);

}  // namespace timewait::terminal
