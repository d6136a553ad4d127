// A body that may be sent to many clients, and is compressed for them once at most. Immutable;
// thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace timewait::web {

class Content {
 public:
  explicit Content(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }

  // The text in the gzip coding, made by the first who asks; null where that is not worth it or
  // memory is short.
  const std::string* gzipped() const;

 private:
  std::string text_;
  mutable std::once_flag compressed_;
  mutable std::optional<std::string> gzipped_;  // written once, guarded by compressed_
};

using ContentPtr = std::shared_ptr<const Content>;

}  // namespace timewait::web
