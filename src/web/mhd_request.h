// What a client asked for, out of libmicrohttpd's hands. Any text is possible.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <microhttpd.h>

#include "web/basic_auth.h"

namespace timewait::web {

// Every line of a header, joined with commas (RFC 9110, 5.3).
std::string header_of(MHD_Connection* connection, const char* name);

// The path of a request's target, which a client may write as a whole URI (RFC 9112, 3.2.2).
std::string path_of(std::string_view target);

// Of the Authorization header; nothing without one that can be read.
std::optional<Credentials> credentials_of(MHD_Connection* connection);

}  // namespace timewait::web
