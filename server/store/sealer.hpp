#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace sluice::store {

/// Where a sealed value belongs. It cannot be opened at any other place.
struct Place {
  std::string_view table, column;
  std::int64_t row = 0;
};

/// AES-256-GCM under a key derived from the store's credential. A sealed value is: version (1 byte), nonce (12), text, tag (16).
class Sealer {
 public:
  Sealer() = default;  ///< without a key: nothing can be sealed or opened
  explicit Sealer(const Secret& key);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  bool has_key() const { return has_key_; }
  /// Throws StorageError without a key.
  std::string seal(std::string_view text, const Place& place) const;
  /// Errors: invalid when the value was changed, moved to another row, or sealed with another key.
  Result<std::string> open(std::string_view sealed, const Place& place) const;
  /// Equal for equal values; tells nothing else without the key.
  std::string fingerprint(std::string_view value) const;

 private:
  bool has_key_ = false;
  Sha256 seal_key_{};
  Sha256 fingerprint_key_{};
};

}  // namespace sluice::store
