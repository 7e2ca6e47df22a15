#include "core/functions/keys.hpp"

#include <openssl/bio.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace sluice::functions {
namespace {

Error crypto_error(std::string_view doing) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return {Errc::invalid, std::string(doing) + ": " + (reason ? reason : "OpenSSL gives no reason")};
}

struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

Result<PrivateKey> checked(EVP_PKEY* key, std::string_view doing) {
  if (!key) return crypto_error(doing);
  return PrivateKey(key);
}

/// DSA with the parameters that Go calls L2048N256.
Result<PrivateKey> generate_dsa() {
  constexpr std::string_view doing = "generating dsa key";
  const KeyContext parameters_context(EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr));
  EVP_PKEY* parameters = nullptr;
  if (!parameters_context || EVP_PKEY_paramgen_init(parameters_context.get()) <= 0 ||
      EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters_context.get(), 2048) <= 0 ||
      EVP_PKEY_CTX_set_dsa_paramgen_q_bits(parameters_context.get(), 256) <= 0 ||
      EVP_PKEY_paramgen(parameters_context.get(), &parameters) <= 0)
    return crypto_error(doing);
  const PrivateKey owned(parameters);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, parameters, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) <= 0 || EVP_PKEY_keygen(context.get(), &key) <= 0)
    return crypto_error(doing);
  return PrivateKey(key);
}

/// The type of the first PEM block: "RSA PRIVATE KEY"; empty if there is none.
std::string_view pem_type(std::string_view pem) {
  constexpr std::string_view start = "-----BEGIN ";
  std::size_t at = pem.starts_with(start) ? 0 : pem.find("\n-----BEGIN ");
  if (at == std::string_view::npos) return {};
  if (at != 0 || !pem.starts_with(start)) ++at;
  std::string_view type = pem.substr(at + start.size());
  const std::size_t end = type.find("-----");
  if (end == std::string_view::npos || pem.find("-----END " + std::string(type.substr(0, end)) + "-----") == std::string_view::npos)
    return {};
  return type.substr(0, end);
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

Result<PrivateKey> generate_key(std::string_view type, int rsa_bits) {
  if (type.empty() || type == "rsa")
    return checked(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(rsa_bits)), "generating rsa key");
  if (type == "dsa") return generate_dsa();
  if (type == "ecdsa") return checked(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), "generating ecdsa key");
  if (type == "ed25519") return checked(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), "generating ed25519 key");
  return PrivateKey();
}

Result<std::string> to_pem(const EVP_PKEY& key) {
  const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_secmem()), BIO_free);
  const bool pkcs8 = EVP_PKEY_get_base_id(&key) == EVP_PKEY_ED25519;
  const int written = pkcs8 ? PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr)
                            : PEM_write_bio_PrivateKey_traditional(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  if (written != 1) return crypto_error("writing private key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Result<PrivateKey> parse_key(std::string_view pem) {
  const std::string_view type = pem_type(pem);
  if (type.empty()) return Error{Errc::invalid, "no PEM data in input"};
  std::string doing;
  if (type == "PRIVATE KEY") {
    doing = "decoding PEM as PKCS#8";
  } else if (!type.ends_with(" PRIVATE KEY")) {
    return Error{Errc::invalid, "no private key data in PEM block of type " + std::string(type)};
  } else {
    const std::string_view kind = type.substr(0, type.size() - std::string_view(" PRIVATE KEY").size());
    if (kind != "EC" && kind != "RSA" && kind != "DSA")
      return Error{Errc::invalid, "unsupported private key type " + std::string(kind)};
    doing = "parsing " + std::string(kind) + " private key from PEM";
  }
  const std::unique_ptr<BIO, int (*)(BIO*)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  char no_password[] = "";
  return checked(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, no_password), doing);
}

}  // namespace sluice::functions
