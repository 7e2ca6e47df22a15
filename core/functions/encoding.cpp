// Checksums and the text forms of bytes.

#include <openssl/evp.h>

#include <array>

#include "core/base/digest.hpp"
#include "core/functions/base_coding.hpp"
#include "core/functions/support.hpp"

namespace sluice::functions {
namespace {

Result<Value> digest(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr) != 1) return failure("hashing failed in OpenSSL");
  return make_text(to_hex(std::string_view(reinterpret_cast<const char*>(out.data()), size)));
}

Result<Value> sha1sum(Call&, Arguments args) { return digest(EVP_sha1(), args[0].str()); }
Result<Value> sha256sum(Call&, Arguments args) {
  return map_when_read(args[0], 1, [](const Text& text) { return to_hex(sha256(text.view())); });
}
Result<Value> sha512sum(Call&, Arguments args) { return digest(EVP_sha512(), args[0].str()); }

Result<Value> adler32sum(Call&, Arguments args) {
  constexpr std::uint32_t prime = 65521;
  std::uint32_t a = 1, b = 0;
  for (char c : args[0].str()) {
    a = (a + static_cast<unsigned char>(c)) % prime;
    b = (b + a) % prime;
  }
  return make_text(std::to_string(b << 16 | a));
}

/// What cannot be decoded gives the error's text as result, as in Sprig.
Result<Value> decoded_or_error(const Decoded& decoded, std::string_view base) {
  if (!decoded.bad_at) return make_text(decoded.bytes);
  return make_text("illegal " + std::string(base) + " data at input byte " + std::to_string(*decoded.bad_at));
}

Result<Value> b64enc(Call&, Arguments args) {
  return map_when_read(args[0], 1.4, [](const Text& text) { return to_base64(text.view()); });
}
Result<Value> b64dec(Call&, Arguments args) { return decoded_or_error(decode_base64(args[0].str()), "base64"); }
Result<Value> b32enc(Call&, Arguments args) { return make_text(encode_base32(args[0].str())); }
Result<Value> b32dec(Call&, Arguments args) { return decoded_or_error(decode_base32(args[0].str()), "base32"); }

}  // namespace

void add_encoding_functions(FunctionTable& table) {
  constexpr GoType string = GoType::string;
  define(table, {
                    {"sha1sum", {string}, sha1sum},
                    {"sha256sum", {string}, sha256sum},
                    {"sha512sum", {string}, sha512sum},
                    {"adler32sum", {string}, adler32sum},
                    {"b64enc", {string}, b64enc},
                    {"b64dec", {string}, b64dec},
                    {"b32enc", {string}, b32enc},
                    {"b32dec", {string}, b32dec},
                });
}

}  // namespace sluice::functions
