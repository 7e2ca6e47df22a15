#include <pthread.h>

#include "core/gotemplate/executor.hpp"

namespace sluice::gotemplate {

namespace {

constexpr std::size_t reserve = 192U << 10;         // for what the deepest call still does, regular expressions included
constexpr std::size_t smallest_stack = 512U << 10;  // assumed where the system does not tell

/// The end of this thread's stack. Of the main thread the C library reads it from a file.
std::uintptr_t find_end_of_stack() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  std::uintptr_t end = here - smallest_stack;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return end;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0 && low) end = reinterpret_cast<std::uintptr_t>(low);
  pthread_attr_destroy(&attributes);
  return end;
}

}  // namespace

StackGuard::StackGuard() {
  static thread_local const std::uintptr_t end = find_end_of_stack();
  lowest_ = end + reserve;
}

}  // namespace sluice::gotemplate
