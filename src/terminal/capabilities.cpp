#include "terminal/capabilities.h"

#include <charconv>
#include <clocale>
#include <cstdlib>
#include <string_view>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/styled_text.h"

namespace timewait::terminal {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// That of the characters: the first of these that is set (POSIX, "Environment Variables").
std::string_view locale_name() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE"}) {
    if (!environment(name).empty()) return environment(name);
  }
  return environment("LANG");
}

// As in "ko_KR.UTF-8", "en_US.utf8", "ca_ES.UTF-8@valencia".
bool is_utf8_by_name(std::string_view locale) {
  const std::size_t dot = locale.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view codeset = locale.substr(dot + 1, locale.find('@') - dot - 1);
  return codeset == "UTF-8" || codeset == "utf8";
}

// 0: does not say.
std::size_t columns_by_environment() {
  const std::string_view text = environment("COLUMNS");
  std::size_t columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  return error == std::errc() && end == text.data() + text.size() ? columns : 0;
}

}  // namespace

bool take_locale_with_utf8() {
  if (std::setlocale(LC_CTYPE, "") != nullptr) {
    if (std::string_view(::nl_langinfo(CODESET)) == "UTF-8") return true;
    std::setlocale(LC_CTYPE, "C");  // ASCII will do, and needs no converter of the host's
    return false;
  }
  if (!is_utf8_by_name(locale_name())) return false;
  std::setlocale(LC_CTYPE, "C.UTF-8");  // for libraries that ask, if there is at least that
  return true;
}

bool takes_colour(int fd) {
  const std::string_view kind = environment("TERM");
  return ::isatty(fd) == 1 && environment("NO_COLOR").empty() && !kind.empty() && kind != "dumb";
}

std::size_t columns_of(int fd) {
  constexpr std::size_t kUsual = 80;  // of a terminal that does not say, as a serial line's
  if (const std::size_t columns = columns_by_environment(); columns > 0) return columns;
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return report::Layout::kUnlimited;
  return size.ws_col > 0 ? size.ws_col : kUsual;
}

}  // namespace timewait::terminal
