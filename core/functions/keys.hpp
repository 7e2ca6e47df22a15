#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

typedef struct evp_pkey_st EVP_PKEY;

namespace sluice::functions {

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept;
};
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// A new key of one of Sprig's types: "rsa" (or ""), "dsa", "ecdsa", "ed25519". Empty pointer for any other.
Result<PrivateKey> generate_key(std::string_view type, int rsa_bits);
/// As Sprig writes keys: PKCS#1 for RSA, SEC 1 for ECDSA, OpenSSL's own form for DSA, PKCS#8 for Ed25519.
Result<std::string> to_pem(const EVP_PKEY& key);
/// Errors: invalid: "no PEM data in input" and its kin.
Result<PrivateKey> parse_key(std::string_view pem);

/// A certificate with its key, both in PEM.
struct KeyPair {
  std::string cert;
  std::string key;
};

/// Whose idea of a subject key identifier: SHA-1 (Helm 3) or the front of SHA-256 (Helm 4).
enum class KeyIdentifier { sha1, sha256 };

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> ips;
  std::vector<std::string> dns_names;
  std::int64_t valid_seconds = 0;  ///< from now on
  bool is_ca = false;
  std::int64_t now = 0;  ///< seconds since 1970
  KeyIdentifier identifier = KeyIdentifier::sha1;
};

/// Signed by `signer`, or by its own `key` when that is null.
/// Errors: invalid, with the texts of Sprig and Go's crypto/x509.
Result<KeyPair> make_certificate(const CertificateRequest& request, EVP_PKEY& key, const KeyPair* signer);
/// Sprig's buildCustomCert: both in base64, checked and decoded.
Result<KeyPair> check_key_pair(std::string_view cert_base64, std::string_view key_base64);
/// Whether Go's net.ParseIP reads it.
bool is_ip(std::string_view text);

}  // namespace sluice::functions
