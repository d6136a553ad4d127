#include "web/gzip.h"

#include <limits>

#include <zlib.h>

namespace timewait::web {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // the largest window; 16 asks for the gzip format
constexpr int kMemoryLevel = 8;           // zlib's default

}  // namespace

base::Result<std::string> gzip(std::string_view data) {
  if (data.size() >= std::numeric_limits<uInt>::max()) {
    return base::Error{"too long for gzip: " + std::to_string(data.size()) + " bytes"};
  }
  z_stream stream{};
  // The fastest level: the thread that compresses is the one that serves every other client.
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return base::Error{"gzip: out of memory"};
  }
  std::string compressed(deflateBound(&stream, static_cast<uLong>(data.size())), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  const int result = deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return base::Error{"gzip: zlib error " + std::to_string(result)};
  compressed.shrink_to_fit();  // deflateBound() is far above what text needs
  return compressed;
}

}  // namespace timewait::web
