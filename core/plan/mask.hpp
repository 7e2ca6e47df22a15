#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/secret.hpp"
#include "core/plan/object.hpp"

namespace sluice::plan {

/// Replaces secret values by keyed fingerprints: equal values of one place look equal, nothing else can be told from them.
class Masker {
 public:
  /// `key` makes the fingerprints worthless to whoever does not have it; `scope` ("namespace/release") keeps equal secrets of
  /// different releases apart.
  Masker(Secret key, std::string scope) : key_(std::move(key)), scope_(std::move(scope)) {}

  /// "(secret 1a2b3c4d)"
  std::string fingerprint(const ObjectId& id, std::string_view place, std::string_view value) const;

  /// Masks in `object`: all data of a Secret, the leaves at `secret_paths`, and the values of environment variables whose
  /// names say that they are secret.
  void mask(Json& object, const ObjectId& id, std::span<const std::string> secret_paths) const;

 private:
  Secret key_;
  std::string scope_;
};

}  // namespace sluice::plan
