#include "diagnosis/place.h"

#include <string_view>

#include "analysis/wording.h"

namespace timewait::diagnosis {
namespace {

// As a word of a shell.
std::string quoted(const std::string& path) {
  constexpr std::string_view kPlain =
      "/._-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (path.find_first_not_of(kPlain) == std::string::npos) return path;
  std::string word = "'";
  for (const char c : path) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

Place::Place(const analysis::NamespaceState& state)
    : prefix_(state.path.empty() ? "" : "nsenter --net=" + quoted(state.path) + " "),
      namespace_(analysis::in_namespace(state.name.empty() ? state.path : state.name)) {}

std::string Place::command(const std::string& line) const { return prefix_ + line; }

std::string Place::sysctl(const std::string& name, const std::string& value) const {
  return command("sysctl -w " + name + "=" + value);
}

std::string Place::as_root() const { return "as root" + namespace_; }

std::string Place::of_sysctls() const {
  if (namespace_.empty()) {
    return "as root; to keep it over a boot, in /etc/sysctl.d/60-local-ports.conf, there without "
           "\"sysctl -w\" and without quotation marks";
  }
  return as_root() +
         "; a container's for good by Docker's --sysctl or the pod's securityContext.sysctls";
}

}  // namespace timewait::diagnosis
