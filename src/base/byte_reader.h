// A view of untrusted bytes that can only shrink. Every access checks what is left; nothing is cast
// in place, so alignment never matters. Does not own the bytes.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace timewait::base {

// The bytes of a T where they lie: its fields are copied out one at a time. To copy the whole T
// first makes a processor wait where a field is loaded that two of the copy's stores wrote.
template <typename T>
class StructView {
 public:
  explicit StructView(std::span<const std::byte, sizeof(T)> bytes) : bytes_(bytes) {}

  // kOffset as by offsetof().
  template <typename Field, std::size_t kOffset>
  Field field() const {
    static_assert(std::is_trivially_copyable_v<Field>);
    static_assert(kOffset + sizeof(Field) <= sizeof(T));
    Field value;
    std::memcpy(&value, bytes_.data() + kOffset, sizeof(Field));
    return value;
  }

 private:
  std::span<const std::byte, sizeof(T)> bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t remaining() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // Copies the next sizeof(T) bytes and consumes them; nothing, and nothing consumed, if fewer are
  // left.
  template <typename T>
  std::optional<T> read() {
    static_assert(std::is_trivially_copyable_v<T>);
    if (bytes_.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }

  // Consumes the next sizeof(T) bytes for their fields to be read. The caller has seen that so many
  // are left; it aborts otherwise. Not an optional: that goes through the stack, and costs a
  // decoded socket three times what decoding does (decode_bench).
  template <typename T>
  StructView<T> view() {
    if (bytes_.size() < sizeof(T)) std::abort();
    const StructView<T> front(bytes_.template first<sizeof(T)>());
    bytes_ = bytes_.subspan(sizeof(T));
    return front;
  }

  // Splits off the next `size` bytes; nothing, and nothing consumed, if fewer are left.
  std::optional<ByteReader> take(std::size_t size) {
    if (bytes_.size() < size) return std::nullopt;
    ByteReader front(bytes_.first(size));
    bytes_ = bytes_.subspan(size);
    return front;
  }

  // Drops up to `size` bytes. Netlink pads every message and attribute but, in a datagram, the
  // last.
  void skip_up_to(std::size_t size) {
    bytes_ = bytes_.subspan(size < bytes_.size() ? size : bytes_.size());
  }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace timewait::base
