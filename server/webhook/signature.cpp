#include "server/webhook/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <new>

namespace sluice::webhook {

std::optional<Sha256> parse_signature(std::string_view field) {
  constexpr std::string_view prefix = "sha256=";
  if (!field.starts_with(prefix)) return std::nullopt;
  field.remove_prefix(prefix.size());
  Sha256 out{};
  if (field.size() != 2 * out.size()) return std::nullopt;
  const bool lower_hex =
      std::all_of(field.begin(), field.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!lower_hex) return std::nullopt;
  const auto bytes = from_hex(field);
  std::transform(bytes->begin(), bytes->end(), out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

struct SignatureHook::Mac {
  EVP_MAC_CTX* context = nullptr;
  ~Mac() { EVP_MAC_CTX_free(context); }
};

SignatureHook::SignatureHook(const std::vector<const Secret*>& secrets) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  for (const auto* secret : secrets) {
    auto mac = std::make_unique<Mac>();
    mac->context = EVP_MAC_CTX_new(hmac);
    const auto* key = reinterpret_cast<const unsigned char*>(secret->reveal().data());
    if (mac->context == nullptr || EVP_MAC_init(mac->context, key, secret->reveal().size(), parameters) != 1)
      throw std::bad_alloc();
    macs_.push_back(std::move(mac));
  }
}

SignatureHook::~SignatureHook() = default;

void SignatureHook::piece(std::string_view bytes) {
  for (const auto& mac : macs_) EVP_MAC_update(mac->context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::vector<bool> SignatureHook::check(const Sha256& signature) {
  std::vector<bool> fits;
  for (const auto& mac : macs_) {
    Sha256 expected{};
    std::size_t size = 0;
    const bool made = EVP_MAC_final(mac->context, expected.data(), &size, expected.size()) == 1 && size == expected.size();
    fits.push_back(made && CRYPTO_memcmp(expected.data(), signature.data(), expected.size()) == 0);
    OPENSSL_cleanse(expected.data(), expected.size());
  }
  return fits;
}

}  // namespace sluice::webhook
