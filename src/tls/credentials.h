// A certificate, its key, and the authorities for the clients' certificates. Thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "tls/handles.h"
#include "tls/server_context.h"
#include "tls/server_settings.h"

namespace timewait::tls {

struct Credentials {
  CredentialsPtr handle;
  std::string_view key_exchange;  // of TLS 1.2 and below, with this key: kEcdheRsa or kEcdheEcdsa
};

// Every fault of the three is added to `faults`; without one, the credentials are complete.
Credentials make_credentials(const ServerSettings& settings, std::vector<Fault>& faults);

}  // namespace timewait::tls
