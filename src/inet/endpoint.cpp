#include "inet/endpoint.h"

namespace timewait::inet {

std::string Endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_ipv4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace timewait::inet
