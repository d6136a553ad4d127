// A key, whatever a terminal sends for it.
#pragma once

#include <string>

namespace timewait::terminal::top {

struct Key {
  enum class Name {
    kCharacter,
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kEnter,
    kEscape,
    kBackspace,
    kOther,
  };
  Name name = Name::kOther;
  std::string character{};  // printable UTF-8; empty but for kCharacter
};

}  // namespace timewait::terminal::top
