// The bytes of an input, as the choices that a fuzzer makes one after the other. When they are used
// up, every choice is the first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  bool are_left() const { return !bytes_.empty(); }

  // Any number.
  template <typename Number>
  Number number() {
    static_assert(std::is_unsigned_v<Number>);
    Number made = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) made = static_cast<Number>(made << 8 | byte());
    return made;
  }

  // Below `count`, which is 1 to 256.
  std::size_t below(std::size_t count) { return byte() % count; }

  template <typename T, std::size_t N>
  const T& one_of(const std::array<T, N>& all) {
    return all[below(N)];
  }

  bool yes() { return (byte() & 1) != 0; }

  // As many as there are, and `size` at most.
  std::span<const std::uint8_t> bytes(std::size_t size) {
    const auto taken = bytes_.first(size < bytes_.size() ? size : bytes_.size());
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }

 private:
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }

  std::span<const std::uint8_t> bytes_;
};
