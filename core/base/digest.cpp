// SHA-256 is called by its own functions, which OpenSSL would rather have replaced by EVP's: the first use of those loads providers
// and openssl.cnf, which takes longer than rendering a small chart.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/base/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <new>

namespace sluice {

Sha256 sha256(std::string_view bytes) {
  Sha256 out{};
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, bytes.data(), bytes.size());
  SHA256_Final(out.data(), &state);
  return out;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 out{};
  unsigned int size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), out.data(), &size))
    throw std::bad_alloc();
  return out;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string to_hex(const Sha256& digest) { return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}); }

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

static constexpr char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  const auto at = [&](std::size_t k) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[k])); };
  char* to = out.data();
  std::size_t i = 0;
  for (; i + 2 < bytes.size(); i += 3, to += 4) {
    const std::uint32_t n = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    to[0] = base64_digits[n >> 18];
    to[1] = base64_digits[n >> 12 & 63];
    to[2] = base64_digits[n >> 6 & 63];
    to[3] = base64_digits[n & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return out;
  const std::uint32_t n = at(i) << 16 | (left == 2 ? at(i + 1) << 8 : 0);
  to[0] = base64_digits[n >> 18];
  to[1] = base64_digits[n >> 12 & 63];
  if (left == 2) to[2] = base64_digits[n >> 6 & 63];
  return out;
}

/// The value of each digit; above 63 for what is none.
static constexpr auto base64_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(255);
  for (std::uint8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(base64_digits[i])] = i;
  return values;
}();

/// Decodes as many whole groups of four digits as `text` begins with. Gives back how many bytes of it that were.
static std::size_t decode_groups(std::string_view text, std::string& out) {
  out.resize(text.size() / 4 * 3);
  char* to = out.data();
  std::size_t i = 0;
  const auto at = [&](std::size_t k) { return std::uint32_t{base64_values[static_cast<unsigned char>(text[k])]}; };
  for (; i + 4 <= text.size(); i += 4, to += 3) {
    const std::uint32_t a = at(i), b = at(i + 1), c = at(i + 2), d = at(i + 3);
    if ((a | b | c | d) > 63) break;
    const std::uint32_t n = a << 18 | b << 12 | c << 6 | d;
    to[0] = static_cast<char>(n >> 16);
    to[1] = static_cast<char>(n >> 8);
    to[2] = static_cast<char>(n);
  }
  out.resize(i / 4 * 3);
  return i;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  int count = 0;
  int padding = 0;
  for (const char c : text.substr(decode_groups(text, out))) {
    if (c == '\n' || c == '\r') continue;
    const std::uint32_t value = base64_values[static_cast<unsigned char>(c)];
    if (c == '=' && count >= 2) {
      ++padding;
    } else if (value > 63 || padding > 0) {
      return std::nullopt;
    }
    group = group << 6 | (c == '=' ? 0 : value);
    if (++count == 4) {
      for (int k = 0; k < 3 - padding; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
      group = 0;
      count = 0;
      if (padding > 2) return std::nullopt;
      if (padding > 0) padding = 3;  // nothing but line breaks may follow
    }
  }
  if (count != 0) return std::nullopt;
  return out;
}

}  // namespace sluice
