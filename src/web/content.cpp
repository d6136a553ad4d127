#include "web/content.h"

#include <utility>

#include "base/result.h"
#include "web/gzip.h"

namespace timewait::web {
namespace {

constexpr std::size_t kMinGzipBytes = 1024;  // below that a network packet is saved by nothing

}  // namespace

Body Content::gzipped() const {
  std::call_once(compressed_, [this] {
    if (text_->size() < kMinGzipBytes) return;
    base::Result<std::string> compressed = gzip(*text_);
    if (compressed) gzipped_ = std::make_shared<std::string>(std::move(*compressed));
  });
  return gzipped_;
}

}  // namespace timewait::web
