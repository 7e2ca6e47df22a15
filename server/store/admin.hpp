#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "server/store/records.hpp"

namespace sluice::store {

/// Administration on the data folder, beside a running daemon or without one.
///
/// Looking is always done on a connection that cannot write. A change is made here when no daemon holds the folder; otherwise it
/// is left in the folder's `inbox`, where the daemon finds it within a second. Who can write there owns the data anyway.
/// Why not a second writer: one connection writes and checkpoints (see store.hpp).
class Admin {
 public:
  /// Errors: not_found when there is no data folder; denied when it belongs to somebody else.
  static Result<Admin> open(std::filesystem::path folder);

  Result<CreatedToken> create_token(const NewToken& token);
  Result<> revoke_token(std::int64_t id, const std::string& by);
  Result<std::vector<Token>> tokens() const;
  Result<AuditVerdict> verify_audit() const;
  Result<> backup(const std::filesystem::path& file) const;
  /// With its body, for which the key is needed.
  Result<Delivery> delivery(DeliveryId id, const Secret& key) const;

 private:
  explicit Admin(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace sluice::store
