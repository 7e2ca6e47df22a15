#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace sluice::functions {

/// Can it be hashed? Errors: invalid, with the text of Go's bcrypt.
Result<> check_password(std::string_view password);
/// "$2a$10$..." of `password` with 16 random bytes as salt. Errors: those of check_password.
Result<std::string> hash_password(std::string_view password, std::string_view salt);
/// Whether the Master Password scheme has passwords of this type: "long", "pin".
bool is_password_type(std::string_view type);
/// The key of the Master Password scheme, from which all passwords of a user come. Takes a tenth of a second (scrypt).
Result<Secret> master_key(std::string_view password, std::string_view user);
/// The password of that scheme for a site. `type` must be one of the scheme's.
std::string derive_password(const Secret& master_key, std::uint32_t counter, std::string_view type, std::string_view site);

/// AES-256-CBC with the password's bytes as key; `iv` stands in front of the result, all in base64.
Result<std::string> encrypt_aes(std::string_view password, std::string_view text, std::string_view iv);
/// Errors: invalid, with the texts of Go's panics for what was not encrypted so.
Result<std::string> decrypt_aes(std::string_view password, std::string_view base64);

}  // namespace sluice::functions
