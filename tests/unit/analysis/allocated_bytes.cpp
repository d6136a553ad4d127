#include "allocated_bytes.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {

std::atomic<std::size_t> allocated{0};

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  allocated.fetch_add(::malloc_usable_size(memory), std::memory_order_relaxed);
  return memory;
}

void operator delete(void* memory) noexcept {
  allocated.fetch_sub(::malloc_usable_size(memory), std::memory_order_relaxed);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace timewait::analysis {

std::size_t allocated_bytes() { return allocated.load(std::memory_order_relaxed); }

}  // namespace timewait::analysis
