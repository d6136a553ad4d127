// What a client asked for, out of libmicrohttpd's hands. Any text is possible.
#pragma once

#include <cstddef>
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

// Whether everybody would agree where the request ends (RFC 9112, 6.1 to 6.3): one length of
// digits, or the chunked coding alone, or neither.
bool has_sound_framing(MHD_Connection* connection);

// MHD_OPTION_UNESCAPE_CALLBACK: leaves a path with an escaped NUL as it is, since it would end
// there.
std::size_t unescape(void*, MHD_Connection*, char* text);

// Of the Authorization header; nothing without one that can be read.
std::optional<Credentials> credentials_of(MHD_Connection* connection);

}  // namespace timewait::web
