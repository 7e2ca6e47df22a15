#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice {

/// Bytes that own themselves and are not zeroed first, as std::string's would be.
struct Bytes {
  std::unique_ptr<char[]> data;
  std::size_t size = 0;
  std::string_view view() const { return {data.get(), size}; }
};

/// Does it begin like a gzip stream?
bool is_gzip(std::string_view bytes);

/// What a gzip stream unpacks to, or nothing if that is more than `limit` bytes: then no more memory than that was used.
/// All members of the stream count; what follows the last one is ignored.
///
/// Errors: invalid, when it is cut off or damaged.
Result<std::optional<Bytes>> gunzip(std::string_view packed, std::size_t limit);

}  // namespace sluice
