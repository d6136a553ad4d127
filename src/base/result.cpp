#include "base/result.h"

#include <system_error>

namespace timewait::base {

Error system_error(const std::string& what, int errno_value) {
  return {what + ": " + std::generic_category().message(errno_value)};
}

}  // namespace timewait::base
