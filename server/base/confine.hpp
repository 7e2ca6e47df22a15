#pragma once

#include <chrono>
#include <cstddef>

#include "core/base/result.hpp"

namespace sluice {

/// What a process that computes on hostile input may use.
struct Confinement {
  std::chrono::seconds cpu{60};           ///< past it the kernel kills the process (SIGXCPU)
  std::size_t memory = std::size_t{1} << 30;  ///< bytes of address space; past it allocations fail
};

/// Shuts this process off for the rest of its life: it may compute, and read and write what is already open; it opens no file,
/// no socket, and starts no program. It dies with its parent. To be called while there is one thread.
///
/// Resource limits, no_new_privs, Landlock where the kernel has it, then a seccomp filter; every refused call gives EPERM.
/// Under the sanitizers, which reserve terabytes, the address space is not limited.
/// Errors: unavailable, when the kernel refuses: then nothing may be computed.
Result<> confine(const Confinement& limits);

}  // namespace sluice
