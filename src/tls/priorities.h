// Versions, cipher suites and curves as GnuTLS takes them. Thread-safe.
//
// One list of ciphers in GnuTLS is for every version, but a choice of cipher suites is for TLS 1.2
// and below only. So there are two lists, of which one is taken as soon as it is known what the
// client speaks.
#pragma once

#include <string_view>

#include "base/result.h"
#include "tls/handles.h"
#include "tls/server_context.h"
#include "tls/server_settings.h"

namespace timewait::tls {

struct Priorities {
  PriorityPtr up_to_tls12;  // nullptr: nothing below TLS 1.3 is spoken
  PriorityPtr tls13;        // nullptr: TLS 1.3 is not spoken
};

// `key_exchange` is what the key of the certificate can be used for, see Credentials.
// The lists hold what was asked for and nothing else, or it is a fault.
base::Result<Priorities, Fault> make_priorities(const ServerSettings& settings,
                                                std::string_view key_exchange);

}  // namespace timewait::tls
