#include "terminal/top/terminfo.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <curses.h>
#include <term.h>
#include <unistd.h>

namespace timewait::terminal::top {
namespace {

// Null if the terminal cannot do that; -1, what tigetstr(3) says of no string at all, is as good.
const char* sequence_for(const char* capability) {
  const char* const sequence = ::tigetstr(capability);
  return reinterpret_cast<std::intptr_t>(sequence) == -1 ? nullptr : sequence;
}

base::Error unusable(const std::string& why) {
  const char* const name = std::getenv("TERM");
  return {std::string("top cannot draw on a terminal of the kind \"") +
          (name == nullptr ? "" : name) + "\" (TERM): " + why +
          "; try TERM=xterm-256color timewait top, or timewait --watch 1, which needs nothing"};
}

// setupterm(3) keeps what it found until it is told otherwise; newterm(3) sets up its own and
// forgets the first.
void forget_terminal() { ::del_curterm(::set_curterm(nullptr)); }

}  // namespace

base::Status<> check_terminal() {
  int found = 0;
  if (::setupterm(nullptr, STDOUT_FILENO, &found) != OK) {
    return unusable(found < 0 ? "this host has no terminfo" : "this host does not know it");
  }
  const bool can_move = sequence_for("cup") != nullptr;
  forget_terminal();
  if (!can_move) return unusable("its cursor cannot be moved");
  return base::Ok{};
}

void leave_screen() {
  int found = 0;
  if (::setupterm(nullptr, STDOUT_FILENO, &found) != OK) return;
  for (const char* const capability : {"sgr0", "rmkx", "rmcup", "cnorm"}) {
    if (const char* const sequence = sequence_for(capability)) ::putp(sequence);
  }
  std::fflush(stdout);
}

}  // namespace timewait::terminal::top
