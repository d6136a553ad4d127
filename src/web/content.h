// A body that may be sent to many clients, and is compressed for them once at most. Immutable;
// thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>

namespace timewait::web {

// Bytes that several answers may share; never null where there is an answer.
using Body = std::shared_ptr<const std::string>;

class Content {
 public:
  explicit Content(std::string text) : text_(std::make_shared<std::string>(std::move(text))) {}

  Body text() const { return text_; }

  // The text in the gzip coding, made by the first who asks; null where that is not worth it or
  // memory is short. Whoever holds it does not hold the text.
  Body gzipped() const;

 private:
  Body text_;
  mutable std::once_flag compressed_;
  mutable Body gzipped_;  // written once, guarded by compressed_
};

using ContentPtr = std::shared_ptr<const Content>;

}  // namespace timewait::web
