#include "core/functions/passwords.hpp"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/digest.hpp"
#include "core/functions/base_coding.hpp"

namespace sluice::functions {
namespace {

Error bad(std::string text) { return {Errc::invalid, std::move(text)}; }

// The public tables of the Master Password algorithm: what a template's letters stand for, and the templates of each type.
constexpr std::string_view vowels = "AEIOU", small_vowels = "aeiou";
constexpr std::string_view consonants = "BCDFGHJKLMNPQRSTVWXYZ", small_consonants = "bcdfghjklmnpqrstvwxyz";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view symbols = "@&%?,=[]_:-+*$#!'^~;()/.";
constexpr std::string_view capitals = "AEIOUBCDFGHJKLMNPQRSTVWXYZ";
constexpr std::string_view letters = "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
constexpr std::string_view everything = "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";

std::string_view characters_of(char letter) {
  switch (letter) {
    case 'V':
      return vowels;
    case 'v':
      return small_vowels;
    case 'C':
      return consonants;
    case 'c':
      return small_consonants;
    case 'A':
      return capitals;
    case 'a':
      return letters;
    case 'n':
      return digits;
    case 'o':
      return symbols;
    default:
      return everything;
  }
}

/// The templates of a type, separated by blanks; empty for an unknown type.
std::string_view templates_of(std::string_view type) {
  if (type == "maximum") return "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno";
  if (type == "long")
    return "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
           "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
           "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno";
  if (type == "medium") return "CvcnoCvc CvcCvcno";
  if (type == "short") return "Cvcn";
  if (type == "basic") return "aaanaaan aannaaan aaannaaa";
  if (type == "pin") return "nnnn";
  return {};
}

std::string_view nth_word(std::string_view words, std::size_t n) {
  while (n-- > 0) words.remove_prefix(words.find(' ') + 1);
  return words.substr(0, words.find(' '));
}

void append_sized(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xFF);
  out += text;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

constexpr std::size_t block_size = 16;

/// AES-256-CBC over whole blocks.
Result<std::string> run_cipher(bool encrypt, std::string_view password, std::string_view iv, std::string_view input) {
  std::array<unsigned char, 32> key{};
  std::copy_n(password.begin(), std::min(password.size(), key.size()), key.begin());
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  std::string out(input.size(), '\0');
  int size = 0;
  const bool done = context &&
                    EVP_CipherInit_ex2(context.get(), EVP_aes_256_cbc(), key.data(), reinterpret_cast<const unsigned char*>(iv.data()),
                                       encrypt ? 1 : 0, nullptr) == 1 &&
                    EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                    EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                     reinterpret_cast<const unsigned char*>(input.data()), static_cast<int>(input.size())) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  if (!done) return bad("AES-256-CBC failed in OpenSSL");
  return out;
}

constexpr std::string_view scope = "com.lyndir.masterpassword";

}  // namespace

Result<> check_password(std::string_view password) {
  constexpr std::size_t longest = 72;
  if (password.size() > longest) return bad("bcrypt: password length exceeds 72 bytes");
  if (password.find('\0') != std::string_view::npos) return bad("bcrypt: password contains a NUL byte, which sluice cannot hash");
  return {};
}

Result<std::string> hash_password(std::string_view password, std::string_view salt) {
  constexpr unsigned long cost = 10;
  if (auto fits = check_password(password); !fits) return std::move(fits).error();
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  if (!crypt_gensalt_rn("$2a$", cost, salt.data(), static_cast<int>(salt.size()), setting.data(), static_cast<int>(setting.size())))
    return bad("bcrypt: this system's libcrypt does not know $2a$");
  const std::string terminated(password);
  auto data = std::make_unique<crypt_data>();
  const char* hash = crypt_rn(terminated.c_str(), setting.data(), data.get(), static_cast<int>(sizeof(crypt_data)));
  if (!hash) return bad("bcrypt: this system's libcrypt does not know $2a$");
  std::string result = hash;
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return result;
}

bool is_password_type(std::string_view type) { return !templates_of(type).empty(); }

Result<Secret> master_key(std::string_view password, std::string_view user) {
  std::string salt(scope);
  append_sized(salt, user);
  std::string key(64, '\0');
  constexpr std::uint64_t memory = 256ULL << 20;
  if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), 32768, 8, 2,
                     memory, reinterpret_cast<unsigned char*>(key.data()), key.size()) != 1)
    return bad("failed to derive password: scrypt failed in OpenSSL");
  return Secret(std::move(key));
}

std::string derive_password(const Secret& master_key, std::uint32_t counter, std::string_view type, std::string_view site) {
  std::string message(scope);
  append_sized(message, site);
  for (int shift = 24; shift >= 0; shift -= 8) message += static_cast<char>(counter >> shift & 0xFF);
  const Sha256 seed = hmac_sha256(master_key.reveal(), message);
  const std::string_view templates = templates_of(type);
  const auto count = static_cast<std::size_t>(std::count(templates.begin(), templates.end(), ' ')) + 1;
  std::string out;
  for (char letter : nth_word(templates, seed[0] % count)) {
    const std::string_view choices = characters_of(letter);
    out += choices[seed[out.size() + 1] % choices.size()];
  }
  return out;
}

Result<std::string> encrypt_aes(std::string_view password, std::string_view text, std::string_view iv) {
  if (text.empty()) return std::string();
  std::string padded(text);
  const std::size_t padding = block_size - padded.size() % block_size;
  padded.append(padding, static_cast<char>(padding));
  auto encrypted = run_cipher(true, password, iv, padded);
  if (!encrypted) return encrypted;
  return to_base64(std::string(iv) + *encrypted);
}

Result<std::string> decrypt_aes(std::string_view password, std::string_view base64) {
  if (base64.empty()) return std::string();
  const Decoded decoded = decode_base64(base64);
  if (decoded.bad_at) return bad("illegal base64 data at input byte " + std::to_string(*decoded.bad_at));
  const std::string_view bytes = decoded.bytes;
  if (bytes.size() < block_size && base64.size() / 4 * 3 < block_size)
    return bad("runtime error: slice bounds out of range [:16] with capacity " + std::to_string(base64.size() / 4 * 3));
  if (bytes.size() < block_size)
    return bad("runtime error: slice bounds out of range [16:" + std::to_string(bytes.size()) + "]");
  if (bytes.size() % block_size != 0) return bad("crypto/cipher: input not full blocks");
  if (bytes.size() == block_size) return bad("runtime error: index out of range [-1]");
  auto text = run_cipher(false, password, bytes.substr(0, block_size), bytes.substr(block_size));
  if (!text) return text;
  const std::size_t padding = static_cast<unsigned char>(text->back());
  if (padding > text->size())
    return bad("runtime error: slice bounds out of range [:-" + std::to_string(padding - text->size()) + "]");
  text->resize(text->size() - padding);
  return text;
}

}  // namespace sluice::functions
