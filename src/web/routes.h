// What a server serves: a handler for each path. Values only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "web/access.h"
#include "web/content.h"

namespace timewait::web {

struct Request {
  std::string path;    // without the query
  std::string accept;  // the Accept header, its lines joined with commas; for best_media_type()
};

struct Response {
  int status = 200;
  std::string content_type;
  ContentPtr body;  // never null
  Headers headers;  // more of them
};

inline Response respond(int status, std::string content_type, std::string body) {
  return {status, std::move(content_type), std::make_shared<Content>(std::move(body)), {}};
}
inline Response plain_text(int status, std::string text) {
  return respond(status, "text/plain; charset=utf-8", std::move(text));
}

// Must be thread-safe. The client sees an exception as status 500.
using Handler = std::function<Response(const Request&)>;

enum class Method {
  kGet,   // and HEAD, whose body the server drops; the handler runs on the thread of its listening
          // address, whose other clients wait for it
  kPost,  // the handler may take its time; it runs on a thread of its own, one at a time
};

struct Route {
  Method method = Method::kGet;
  Handler handler;
};

inline Route on_get(Handler handler) { return {Method::kGet, std::move(handler)}; }
inline Route on_post(Handler handler) { return {Method::kPost, std::move(handler)}; }

using Routes = std::map<std::string, Route, std::less<>>;  // by exact path

}  // namespace timewait::web
