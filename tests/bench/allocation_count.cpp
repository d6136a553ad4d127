#include "allocation_count.h"

#include <atomic>
#include <cstdlib>
#include <new>

// What replaces the program's operators new and delete is global, and stands on malloc().
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables,cppcoreguidelines-no-malloc)
namespace {

std::atomic<std::uint64_t> count{0};

}  // namespace

void* operator new(std::size_t size) {
  count.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables,cppcoreguidelines-no-malloc)

namespace timewait::bench {

std::uint64_t allocation_count() { return count.load(std::memory_order_relaxed); }

}  // namespace timewait::bench
