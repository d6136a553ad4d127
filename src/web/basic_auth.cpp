#include "web/basic_auth.h"

#include <memory>
#include <utility>

#include <crypt.h>

namespace timewait::web {
namespace {

bool matches(const std::string& password, const std::string& hash) {
  const auto state = std::make_unique<crypt_data>();  // 32 KiB: not for the stack
  const char* const result = ::crypt_r(password.c_str(), hash.c_str(), state.get());
  return result != nullptr && hash == result;
}

}  // namespace

Verdict BasicAuth::check_known(const Access& access,
                               const std::optional<Credentials>& credentials) const {
  if (access.users.empty()) return Verdict::kAccepted;
  if (!credentials) return Verdict::kRefused;
  const auto user = access.users.find(credentials->user);
  const bool verified = user != access.users.end() && is_verified(*credentials, user->second);
  return verified ? Verdict::kAccepted : Verdict::kUnknown;
}

bool BasicAuth::is_verified(const Credentials& credentials, const std::string& hash) const {
  const std::string digest = digest_(credentials.password);
  const std::lock_guard lock(mutex_);
  const auto verified = verified_.find(credentials.user);
  return verified != verified_.end() && verified->second.hash == hash &&
         verified->second.password_digest == digest;
}

Verdict BasicAuth::verify(const Access& access, const Credentials& credentials) {
  const Verdict known = check_known(access, credentials);
  if (known != Verdict::kUnknown) return known;
  const auto user = access.users.find(credentials.user);
  const bool exists = user != access.users.end();
  // Any hash will do to keep who does not exist waiting.
  const std::string& hash = exists ? user->second : access.users.begin()->second;
  if (!matches(credentials.password, hash) || !exists) return Verdict::kRefused;
  Verified verified{hash, digest_(credentials.password)};
  const std::lock_guard lock(mutex_);
  verified_.insert_or_assign(credentials.user, std::move(verified));
  return Verdict::kAccepted;
}

}  // namespace timewait::web
