#pragma once

#include <cstdint>
#include <string>

#include "core/functions/outside.hpp"

namespace sluice::functions {

/// A world that is always the same: one moment, the same random bytes in the same order.
inline Outside still_world() {
  Outside outside;
  outside.now = []() -> Result<Moment> { return Moment{1700000000123456789}; };
  outside.random_bytes = [state = std::uint32_t{1}](std::size_t size) mutable -> Result<std::string> {
    std::string bytes;
    while (bytes.size() < size) {
      state = state * 1664525 + 1013904223;
      bytes += static_cast<char>(state >> 24);
    }
    return bytes;
  };
  outside.lookup = [](const ObjectQuery& query) -> Result<Value> {
    return Value::new_map({{"name", Value::of_string(query.api_version + query.kind + query.namespace_ + query.name)}});
  };
  outside.host_by_name = [](std::string_view host) -> Result<std::string> { return "address of " + std::string(host); };
  return outside;
}

}  // namespace sluice::functions
