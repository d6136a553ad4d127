#include "kernel/kernel_release.h"

#include <charconv>
#include <tuple>

#include <sys/utsname.h>

namespace timewait::kernel {

std::string running_release() {
  utsname names{};
  return ::uname(&names) == 0 ? names.release : "";
}

bool is_at_least(std::string_view release, int major, int minor) {
  const char* const end = release.data() + release.size();
  int found_major = 0;
  int found_minor = 0;
  const auto first = std::from_chars(release.data(), end, found_major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
  const auto second = std::from_chars(first.ptr + 1, end, found_minor);
  if (second.ec != std::errc()) return false;
  return std::tie(found_major, found_minor) >= std::tie(major, minor);
}

}  // namespace timewait::kernel
