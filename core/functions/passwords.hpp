#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::functions {

/// "$2a$10$..." of `password` with 16 random bytes as salt. Errors: invalid, with the text of Go's bcrypt.
Result<std::string> hash_password(std::string_view password, std::string_view salt);
/// The password of the Master Password scheme for a site; for an unknown `type` the text that says so.
Result<std::string> derive_password(std::uint32_t counter, std::string_view type, std::string_view password, std::string_view user,
                                    std::string_view site);

/// AES-256-CBC with the password's bytes as key; `iv` stands in front of the result, all in base64.
Result<std::string> encrypt_aes(std::string_view password, std::string_view text, std::string_view iv);
/// Errors: invalid, with the texts of Go's panics for what was not encrypted so.
Result<std::string> decrypt_aes(std::string_view password, std::string_view base64);

}  // namespace sluice::functions
