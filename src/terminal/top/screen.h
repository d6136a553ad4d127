// The whole terminal of stdin and stdout, by ncurses. One at a time; not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include <termios.h>

#include "base/result.h"
#include "report/styled_text.h"
#include "terminal/top/key.h"

struct screen;  // of curses.h, whose macros are not for everyone

namespace timewait::terminal::top {

class Screen {
 public:
  // `colour`: if the terminal has any. The locale is the program's (setlocale). Fails where TERM is
  // none that the host knows, or one without what this needs.
  static base::Result<std::unique_ptr<Screen>> open(bool colour);
  ~Screen();  // the terminal is as it was before

  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  std::size_t rows() const;
  std::size_t columns() const;

  // Lines that are no wider than the screen, from its top; only what has changed is sent. `cursor`:
  // the column of the last line where it blinks; absent: nowhere.
  void draw(const report::Text& lines, std::optional<std::size_t> cursor);

  // The next key that was pressed, if one was: never waits for one.
  std::optional<Key> next_key();

  // The terminal has another size, or somebody else has written to it.
  void begin_anew();

  // Gives the terminal back, until begin_anew().
  void suspend();

 private:
  explicit Screen(screen* handle);

  void choose_looks(bool colour);
  unsigned long look_of(report::Style style) const;
  bool is_ours() const;

  screen* const handle_;
  termios ours_{};  // how we set the terminal
  bool colour_ = false;
};

}  // namespace timewait::terminal::top
