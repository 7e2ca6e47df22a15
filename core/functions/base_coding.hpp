#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::functions {

/// What was decoded, or where Go's decoders say that the input is illegal.
struct Decoded {
  std::string bytes;
  std::optional<std::size_t> bad_at;
};

/// Standard base64 with padding; CR and LF are skipped. Follows: Go's encoding/base64, down to the position it blames.
Decoded decode_base64(std::string_view text);
std::string encode_base32(std::string_view bytes);
/// Follows: Go's encoding/base32. Positions do not count CR and LF.
Decoded decode_base32(std::string_view text);

}  // namespace sluice::functions
