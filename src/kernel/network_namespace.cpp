#include "kernel/network_namespace.h"

#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace timewait::kernel {
namespace {

using Reason = NamespaceFailure::Reason;

constexpr char kOfThisThread[] = "/proc/thread-self/ns/net";
constexpr char kOfMainThread[] = "/proc/self/ns/net";

Reason reason_of(int errno_value) {
  switch (errno_value) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
      return Reason::kNotThere;
    case EPERM:
    case EACCES:
      return Reason::kNotPermitted;
    default:
      return Reason::kOther;
  }
}

// `needed` says what it takes, for one who was not permitted.
NamespaceFailure failure(const std::string& what, int errno_value, const char* needed) {
  const Reason reason = reason_of(errno_value);
  NamespaceFailure failure{reason, base::system_error(what, errno_value)};
  if (reason == Reason::kNotPermitted) failure.error.message += std::string(" (") + needed + ")";
  return failure;
}

NamespaceFailure cannot_open(const std::string& path, int errno_value) {
  return failure("cannot open the network namespace " + path, errno_value,
                 "one of another user's process takes CAP_SYS_PTRACE");
}

NamespaceFailure not_a_network_namespace(const std::string& path) {
  return {Reason::kOther, {path + " is not a network namespace"}};
}

// Looks before anything is opened: opening a device or a FIFO can do harm, and the empty file that
// `ip netns add` mounts a namespace over may be read by nobody.
std::optional<NamespaceFailure> check_path(const std::string& path) {
  struct statfs file_system {};
  struct stat file {};
  if (::statfs(path.c_str(), &file_system) != 0 || ::stat(path.c_str(), &file) != 0) {
    return cannot_open(path, errno);
  }
  if (file_system.f_type == NSFS_MAGIC) return std::nullopt;
  if (S_ISREG(file.st_mode) && file.st_size == 0) {
    return NamespaceFailure{Reason::kNotThere,
                            {path + " is an empty file: the namespace that it named is gone"}};
  }
  return not_a_network_namespace(path);
}

NamespaceIdentity identity_of(const struct stat& file) { return {file.st_dev, file.st_ino}; }

}  // namespace

base::Result<NamespaceIdentity, NamespaceFailure> thread_namespace() {
  struct stat file {};
  if (::stat(kOfThisThread, &file) != 0) return cannot_open(kOfThisThread, errno);
  return identity_of(file);
}

base::Result<NetworkNamespace, NamespaceFailure> NetworkNamespace::open_own() {
  return open(kOfMainThread);
}

base::Result<NetworkNamespace, NamespaceFailure> NetworkNamespace::open(const std::string& path) {
  if (std::optional<NamespaceFailure> wrong = check_path(path)) return *std::move(wrong);
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat file {};
  if (!fd.valid() || ::fstat(fd.get(), &file) != 0) return cannot_open(path, errno);
  if (::ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET) return not_a_network_namespace(path);
  return NetworkNamespace(std::move(fd), path, identity_of(file));
}

base::Status<NamespaceFailure> NetworkNamespace::enter() const {
  const base::Result<NamespaceIdentity, NamespaceFailure> present = thread_namespace();
  if (present && *present == identity_) return base::Ok{};
  if (::setns(fd_.get(), CLONE_NEWNET) == 0) return base::Ok{};
  return failure("cannot enter the network namespace " + path_, errno,
                 "it takes CAP_SYS_ADMIN, in the user namespace that owns it and in one's own");
}

}  // namespace timewait::kernel
