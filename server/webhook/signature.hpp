#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/secret.hpp"
#include "server/http/message.hpp"

namespace sluice::webhook {

/// The 32 bytes of "sha256=" and 64 lower-case hex digits; nothing for any other text.
std::optional<Sha256> parse_signature(std::string_view field);

/// Makes the HMAC-SHA256 of a body under several secrets while the body comes.
class SignatureHook final : public http::BodyHook {
 public:
  explicit SignatureHook(const std::vector<const Secret*>& secrets);
  ~SignatureHook() override;

  void piece(std::string_view bytes) override;

  /// For each secret, whether the signature is its own. Takes the same time for every signature; call once.
  std::vector<bool> check(const Sha256& signature);

 private:
  struct Mac;
  std::vector<std::unique_ptr<Mac>> macs_;
};

}  // namespace sluice::webhook
