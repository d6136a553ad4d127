// HTTP basic authentication (RFC 7617) against bcrypt hashes. Thread-safe.
//
// A bcrypt hash takes as long as its author wanted, a tenth of a second as a rule, so a check has
// two halves: check_known() answers at once, by what has been verified before; verify() does the
// work, and remembers what was right. It remembers nothing that was wrong: a client that guesses
// cannot drive out what is known of the others.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "tls/keyed_digest.h"
#include "web/access.h"

namespace timewait::web {

struct Credentials {
  std::string user;
  std::string password;
};

enum class Verdict { kAccepted, kRefused, kUnknown };

class BasicAuth {
 public:
  // kUnknown: verify() has to tell. Everybody is accepted where there are no users.
  Verdict check_known(const Access& access, const std::optional<Credentials>& credentials) const;

  // Slow. Takes as long for a user who does not exist.
  Verdict verify(const Access& access, const Credentials& credentials);

 private:
  struct Verified {
    std::string hash;  // as it was configured then
    std::string password_digest;
  };

  bool is_verified(const Credentials& credentials, const std::string& hash) const;

  const tls::KeyedDigest digest_;
  mutable std::mutex mutex_;
  std::map<std::string, Verified, std::less<>> verified_;  // guarded by mutex_; by user
};

}  // namespace timewait::web
