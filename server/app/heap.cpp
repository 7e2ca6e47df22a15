#include "server/app/heap.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace sluice::app {

void take_large_pages() {
  constexpr int step = 32 << 20;
  constexpr std::uintptr_t page = 2U << 20;
  mallopt(M_MMAP_THRESHOLD, step);  // larger blocks too come from the heap and are used again
  mallopt(M_TRIM_THRESHOLD, 2 * step);
  mallopt(M_TOP_PAD, step);
  void* const first = std::malloc(256 << 10);  // more than is left: the heap takes its first step
  const auto begin = reinterpret_cast<std::uintptr_t>(first);
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0));
  const std::uintptr_t aligned = (begin + page - 1) / page * page;
  std::free(first);
  if (end <= aligned + page) return;
  madvise(reinterpret_cast<void*>(aligned), end - aligned, MADV_HUGEPAGE);  // a wish: failing changes nothing
  // What lies before the first large page, which would come in small ones, stays untouched for good.
  [[maybe_unused]] static void* const volatile unused = std::malloc(aligned - begin);
}

}  // namespace sluice::app
