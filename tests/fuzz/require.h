// What a fuzzer holds to be true of every input.
#pragma once

inline void require(bool condition) {
  if (!condition) __builtin_trap();
}
