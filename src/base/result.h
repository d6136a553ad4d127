// Result<T, E>: a value or the reason why there is none.
//
// C++20 has no std::expected, and clang 14 rejects the one in libstdc++ 12, so this is the part of
// it that the project uses. Programming errors (reading the side that is not there) abort; errors
// that come from the kernel, a file or the network are always values.
//
//   Result<Port> port = parse_port(text);
//   if (!port) return port.error();
//   use(*port);
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace timewait::base {

// What went wrong, as a sentence for the person who reads the log. No trailing period.
struct Error {
  std::string message;
};

// The error of an operating-system call: "WHAT: strerror(errno_value)".
Error system_error(const std::string& what, int errno_value);

template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& operator*() & { return checked_value(); }
  const T& operator*() const& { return const_cast<Result*>(this)->checked_value(); }
  T&& operator*() && { return std::move(checked_value()); }
  T* operator->() { return &checked_value(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked_value(); }

  const E& error() const {
    if (ok()) std::abort();
    return std::get<1>(state_);
  }

 private:
  T& checked_value() {
    if (!ok()) std::abort();
    return std::get<0>(state_);
  }

  std::variant<T, E> state_;
};

// For operations that yield nothing: `return Ok{};`.
struct Ok {};
template <typename E = Error>
using Status = Result<Ok, E>;

}  // namespace timewait::base
