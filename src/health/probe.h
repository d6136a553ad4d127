// Asks an exporter whether it answers, as its clients do. Thread-safe.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "inet/endpoint.h"

namespace timewait::health {

enum class Protocol {
  kHttp,
  kEither,  // HTTP, or else HTTPS with whatever certificate
};

// Whether GET `path` is answered until the deadline, or why it is not. Proof of life is status 200,
// and also that a client without a password or a certificate is turned away, or one too many.
base::Status<> probe(const inet::Endpoint& server, const std::string& path, Protocol protocol,
                     std::chrono::steady_clock::time_point deadline);

}  // namespace timewait::health
