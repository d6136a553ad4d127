#include "terminal/top/screen.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cwchar>
#include <cwctype>
#include <string>

#define NCURSES_NOMACROS  // "clear", "move" and "timeout" are words of others, too
#include <curses.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal/top/signals.h"
#include "terminal/top/terminfo.h"

namespace timewait::terminal::top {
namespace {

constexpr int kEscape = 27;
constexpr int kDelete = 127;
// For the rest of the sequence of a key: short enough for a finger on Esc, long enough for ssh.
constexpr int kEscapeDelayMs = 50;

// Colours that can be read on white and on black. Where there are but eight, green and yellow
// cannot: -1 is what the terminal writes with.
struct Palette {
  short good, warning, critical;
};
constexpr Palette kOf256 = {28, 166, 160};
constexpr Palette kOf8 = {-1, -1, COLOR_RED};
constexpr int kFullPalette = 256;

enum ColourPair : short { kGoodPair = 1, kWarningPair, kCriticalPair };

Key::Name name_of(int code) {
  switch (code) {
    case KEY_UP:
      return Key::Name::kUp;
    case KEY_DOWN:
      return Key::Name::kDown;
    case KEY_PPAGE:
      return Key::Name::kPageUp;
    case KEY_NPAGE:
      return Key::Name::kPageDown;
    case KEY_HOME:
      return Key::Name::kHome;
    case KEY_END:
      return Key::Name::kEnd;
    case KEY_ENTER:
      return Key::Name::kEnter;
    case KEY_BACKSPACE:
      return Key::Name::kBackspace;
    default:
      return Key::Name::kOther;
  }
}

Key key_of(wint_t character) {
  switch (character) {
    case '\n':
    case '\r':
      return {Key::Name::kEnter};
    case '\b':
    case kDelete:
      return {Key::Name::kBackspace};
    case kEscape:
      return {Key::Name::kEscape};
    default:
      break;
  }
  std::array<char, MB_LEN_MAX> bytes{};
  std::mbstate_t state{};
  const std::size_t size = std::wcrtomb(bytes.data(), static_cast<wchar_t>(character), &state);
  const bool printable = size <= bytes.size() && ::iswprint(character) != 0;
  if (!printable) return {};
  return {Key::Name::kCharacter, std::string(bytes.data(), size)};
}

}  // namespace

Screen::Screen(screen* handle) : handle_(handle) {}

base::Result<std::unique_ptr<Screen>> Screen::open(bool colour) {
  const base::Status<> usable = check_terminal();
  if (!usable) return usable.error();
  // Not initscr(), which ends the program when it fails.
  screen* const handle = ::newterm(nullptr, stdout, stdin);
  if (handle == nullptr) return base::Error{"top cannot draw on this terminal"};
  std::unique_ptr<Screen> opened(new Screen(handle));
  ::cbreak();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::set_escdelay(kEscapeDelayMs);
  opened->choose_looks(colour);
  opened->begin_anew();
  ::tcgetattr(STDIN_FILENO, &opened->ours_);
  return opened;
}

Screen::~Screen() {
  suspend();
  ::delscreen(handle_);
}

void Screen::choose_looks(bool colour) {
  colour_ = colour && ::has_colors() && ::start_color() == OK && ::use_default_colors() == OK;
  if (!colour_) return;
  const Palette palette = COLORS >= kFullPalette ? kOf256 : kOf8;
  ::init_pair(kGoodPair, palette.good, -1);
  ::init_pair(kWarningPair, palette.warning, -1);
  ::init_pair(kCriticalPair, palette.critical, -1);
}

unsigned long Screen::look_of(report::Style style) const {
  const auto coloured = [&](ColourPair pair) -> attr_t { return colour_ ? COLOR_PAIR(pair) : 0; };
  switch (style) {
    case report::Style::kPlain:
    case report::Style::kVerbatim:
      break;
    case report::Style::kHeading:
      return A_BOLD;
    case report::Style::kFaint:
      return A_DIM;
    case report::Style::kGood:
      return coloured(kGoodPair);
    case report::Style::kWarning:
      return coloured(kWarningPair) | A_BOLD;
    case report::Style::kCritical:
      return coloured(kCriticalPair) | A_BOLD;
  }
  return A_NORMAL;
}

std::size_t Screen::rows() const { return static_cast<std::size_t>(LINES); }
std::size_t Screen::columns() const { return static_cast<std::size_t>(COLS); }

void Screen::draw(const report::Text& lines, std::optional<std::size_t> cursor) {
  ::werase(stdscr);
  for (int row = 0; row < std::min(LINES, static_cast<int>(lines.size())); ++row) {
    ::wmove(stdscr, row, 0);
    for (const report::Span& span : lines[static_cast<std::size_t>(row)]) {
      ::wattrset(stdscr, static_cast<int>(look_of(span.style)));
      ::waddstr(stdscr, span.text.c_str());
    }
  }
  if (cursor) {
    const int last_row = std::min(LINES, static_cast<int>(lines.size())) - 1;
    ::wmove(stdscr, last_row, std::min(COLS - 1, static_cast<int>(*cursor)));
  }
  ::curs_set(cursor ? 1 : 0);
  ::wrefresh(stdscr);
}

std::optional<Key> Screen::next_key() {
  wint_t character = 0;
  const int kind = ::wget_wch(stdscr, &character);
  if (kind == ERR) return std::nullopt;
  return kind == KEY_CODE_YES ? Key{name_of(static_cast<int>(character)), {}} : key_of(character);
}

// SIGWINCH is blocked, so ncurses does not see it.
void Screen::begin_anew() {
  ::reset_prog_mode();
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    ::resizeterm(size.ws_row, size.ws_col);
  }
  ::clearok(curscr, TRUE);
}

bool Screen::is_ours() const {
  termios now{};
  return ::tcgetattr(STDIN_FILENO, &now) == 0 && now.c_lflag == ours_.c_lflag;
}

void Screen::suspend() {
  if (::isendwin()) return;
  // Where this process is left behind by its job, the shell has the terminal again: its settings
  // stay, and giving back what is ours does not stop us.
  const sigset_t before = block_signals({SIGTTOU});
  if (!is_ours()) ::def_shell_mode();
  ::endwin();
  set_blocked_signals(before);
}

}  // namespace timewait::terminal::top
