// Whether a client may connect. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gnutls/gnutls.h>

#include "tls/server_settings.h"

namespace timewait::tls {

// The alert for the client of `session` that may not connect; nothing for one that may. To be asked
// when the certificate of the client, or that it has none, is known. Which authorities count is in
// the session's credentials.
std::optional<gnutls_alert_description_t> check_client(
    gnutls_session_t session, ClientAuth auth, const std::vector<std::string>& allowed_sans);

}  // namespace timewait::tls
