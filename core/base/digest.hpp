#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// Lower-case hex.
std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256& digest);
/// nothing if `text` is not an even number of hex digits.
std::optional<std::string> from_hex(std::string_view text);

/// The standard alphabet with padding, on one line.
std::string to_base64(std::string_view bytes);
/// nothing if `text` is not padded standard base64 (line breaks are skipped).
std::optional<std::string> from_base64(std::string_view text);

}  // namespace sluice
