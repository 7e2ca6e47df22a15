#include "core/functions/base_coding.hpp"

#include <array>
#include <cstdint>

namespace sluice::functions {
namespace {

constexpr std::string_view alphabet32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

int value64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int value32(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool is_line_break(char c) { return c == '\n' || c == '\r'; }

/// The first `count` of the `bits_each` wide digits as whole bytes.
template <std::size_t N>
void append_bytes(std::string& out, const std::array<int, N>& digits, std::size_t count, unsigned bits_each) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bits = bits << bits_each | static_cast<std::uint32_t>(digits[i]);
    held += bits_each;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFF);
  }
}

/// What follows the first "=": where it is wrong, if it is.
std::optional<std::size_t> bad_padding64(std::string_view text, std::size_t at, std::size_t digits) {
  auto skip = [&] {
    while (at < text.size() && is_line_break(text[at])) ++at;
  };
  if (digits < 2) return at - 1;
  if (digits == 2) {
    skip();
    if (at == text.size()) return at;
    if (text[at] != '=') return at - 1;
    ++at;
  }
  skip();
  if (at < text.size()) return at;
  return std::nullopt;
}

}  // namespace

Decoded decode_base64(std::string_view text) {
  Decoded decoded;
  decoded.bytes.reserve(text.size() / 4 * 3);
  std::array<int, 4> digits{};
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (const int value = value64(c); value >= 0) {
      digits[count++] = value;
      if (count < 4) continue;
      append_bytes(decoded.bytes, digits, 4, 6);
      count = 0;
    } else if (c == '=') {
      decoded.bad_at = bad_padding64(text, at + 1, count);
      if (!decoded.bad_at) append_bytes(decoded.bytes, digits, count, 6);
      return decoded;
    } else if (!is_line_break(c)) {
      decoded.bad_at = at;
      return decoded;
    }
  }
  if (count > 0) decoded.bad_at = text.size() - count;
  return decoded;
}

std::string encode_base32(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 4) / 5 * 8);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 5; held -= 5) out += alphabet32[bits >> (held - 5) & 31];
  }
  if (held > 0) out += alphabet32[bits << (5 - held) & 31];
  while (out.size() % 8 != 0) out += '=';
  return out;
}

Decoded decode_base32(std::string_view text) {
  std::string input;
  for (char c : text)
    if (!is_line_break(c)) input += c;
  Decoded decoded;
  std::array<int, 8> digits{};
  std::size_t count = 0, at = 0;
  for (; at < input.size(); ++at) {
    const std::size_t left = input.size() - at - 1;
    if (input[at] == '=' && count >= 2 && left < 8) {
      if (left + count < 7) {
        decoded.bad_at = input.size();
        return decoded;
      }
      for (std::size_t k = 0; k < 7 - count && !decoded.bad_at; ++k)
        if (left > k && input[at + 1 + k] != '=') decoded.bad_at = at + k;
      if (decoded.bad_at) return decoded;
      if (count == 3 || count == 6) {
        decoded.bad_at = at;
        return decoded;
      }
      append_bytes(decoded.bytes, digits, count, 5);
      return decoded;
    }
    digits[count] = value32(input[at]);
    if (digits[count] < 0) {
      decoded.bad_at = at;
      return decoded;
    }
    if (++count < 8) continue;
    append_bytes(decoded.bytes, digits, 8, 5);
    count = 0;
  }
  if (count > 0) decoded.bad_at = at - count;
  return decoded;
}

}  // namespace sluice::functions
