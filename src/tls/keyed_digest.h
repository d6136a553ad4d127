// Recognises a secret that was seen before, without keeping it: HMAC-SHA-256 (RFC 2104) under a key
// that only this object knows. Thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace timewait::tls {

class KeyedDigest {
 public:
  KeyedDigest();  // a random key

  // 32 bytes.
  std::string operator()(std::string_view secret) const;

 private:
  std::array<unsigned char, 32> key_;
};

}  // namespace timewait::tls
