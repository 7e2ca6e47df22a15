#include <pthread.h>

#include "core/gotemplate/executor.hpp"

namespace sluice::gotemplate {

namespace {

constexpr std::size_t reserve = 192U << 10;         // for what the deepest call still does, regular expressions included
constexpr std::size_t smallest_stack = 512U << 10;  // assumed where the system does not tell

}  // namespace

StackGuard::StackGuard() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  lowest_ = here - smallest_stack + reserve;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0 && low) lowest_ = reinterpret_cast<std::uintptr_t>(low) + reserve;
  pthread_attr_destroy(&attributes);
}

}  // namespace sluice::gotemplate
