#include "tls/keyed_digest.h"

#include <cstdlib>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

namespace timewait::tls {
namespace {

constexpr std::size_t kDigestBytes = 32;

// Neither call fails but where the library is broken; to go on would accept any password.
void require(int result) {
  if (result != GNUTLS_E_SUCCESS) std::abort();
}

}  // namespace

KeyedDigest::KeyedDigest() { require(gnutls_rnd(GNUTLS_RND_KEY, key_.data(), key_.size())); }

std::string KeyedDigest::operator()(std::string_view secret) const {
  std::string digest(kDigestBytes, '\0');
  require(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key_.data(), key_.size(), secret.data(),
                           secret.size(), digest.data()));
  return digest;
}

}  // namespace timewait::tls
