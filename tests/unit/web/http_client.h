// A client that says exactly what a test wants it to say. Every wait has a deadline of ten seconds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace timewait::web {

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class HttpClient {
 public:
  // Connects to what Server::bound_addresses() names. Check connected().
  explicit HttpClient(const std::string& address);
  HttpClient(HttpClient&&) = default;
  HttpClient& operator=(HttpClient&&) = default;

  bool connected() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }

  // Sends what the server takes before it closes the connection; false if that is not everything.
  bool send(std::string_view bytes);
  // The next answer on the connection, its body as long as Content-Length says. Nothing if the
  // connection ends before that.
  std::optional<HttpAnswer> read_answer();
  // The next answer, which has no body whatever Content-Length says.
  std::optional<HttpAnswer> read_answer_to_head();
  // Whether the server ends the connection; what it sends until then is dropped.
  bool wait_for_end();
  // Whether the server has ended the connection with a RST. Does not wait.
  bool was_reset() const;
  // Ends the connection with a RST.
  void reset();

 private:
  bool receive_more();
  std::optional<HttpAnswer> read_head();

  base::UniqueFd fd_;
  std::string received_;
};

// One GET on a connection of its own. `headers` is lines that each end with CRLF.
std::optional<HttpAnswer> get(const std::string& address, const std::string& path,
                              const std::string& headers = "");

}  // namespace timewait::web
