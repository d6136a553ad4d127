#include "web/mhd_request.h"

#include <cstring>
#include <memory>
#include <utility>

#include <strings.h>

namespace timewait::web {

std::string header_of(MHD_Connection* connection, const char* name) {
  struct Search {
    const char* name;
    std::string lines;
  } search{name, {}};
  const auto append = [](void* closure, MHD_ValueKind, const char* key, const char* value) {
    Search& found = *static_cast<Search*>(closure);
    if (::strcasecmp(key, found.name) == 0 && value != nullptr) {
      if (!found.lines.empty()) found.lines += ", ";
      found.lines += value;
    }
    return MHD_YES;
  };
  MHD_get_connection_values(connection, MHD_HEADER_KIND, append, &search);
  return std::move(search.lines);
}

std::string path_of(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const std::string start(target.substr(0, scheme.size()));
    if (::strcasecmp(start.c_str(), scheme.data()) != 0) continue;
    const std::size_t path = target.find('/', scheme.size());
    return path == std::string_view::npos ? "/" : std::string(target.substr(path));
  }
  return std::string(target);
}

bool has_sound_framing(MHD_Connection* connection) {
  const std::string coding = header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  const std::string length = header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (!coding.empty()) return length.empty() && ::strcasecmp(coding.c_str(), "chunked") == 0;
  return length.find_first_not_of("0123456789") == std::string::npos;
}

std::size_t unescape(void*, MHD_Connection*, char* text) {
  return std::strstr(text, "%00") == nullptr ? MHD_http_unescape(text) : std::strlen(text);
}

std::optional<Credentials> credentials_of(MHD_Connection* connection) {
  const auto free_text = [](char* text) { MHD_free(text); };
  using Text = std::unique_ptr<char, decltype(free_text)>;
  char* written_password = nullptr;
  const Text user(MHD_basic_auth_get_username_password(connection, &written_password), free_text);
  const Text password(written_password, free_text);
  if (!user || !password) return std::nullopt;
  return Credentials{user.get(), password.get()};
}

}  // namespace timewait::web
