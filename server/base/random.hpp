#pragma once

#include <cstddef>
#include <string>

namespace sluice {

/// `count` bytes from the kernel's generator.
std::string random_bytes(std::size_t count);

/// `bytes` random bytes in lower-case hex, twice as many characters.
std::string random_hex(std::size_t bytes);

}  // namespace sluice
