#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/functions/base_coding.hpp"
#include "core/functions/keys.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

template <auto free>
struct Freer {
  template <class T>
  void operator()(T* handle) const noexcept {
    free(handle);
  }
};
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using Bytes = std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>>;
using Stream = std::unique_ptr<BIO, Freer<BIO_free_all>>;

Error bad(std::string text) { return {Errc::invalid, std::move(text)}; }

Error openssl_error(std::string_view doing) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return bad(std::string(doing) + ": " + (reason ? reason : "OpenSSL gives no reason"));
}

Certificate read_certificate(std::string_view pem) {
  const Stream in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

/// The characters that Go writes as a PrintableString.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

bool set_name(X509& certificate, const std::string& common_name) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  if (common_name.empty()) return true;
  const int type = is_printable(common_name) ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING;
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, type, reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool set_serial(X509& certificate) {
  const std::unique_ptr<BIGNUM, Freer<BN_free>> serial(BN_new());
  return BN_rand(serial.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(&certificate));
}

bool add_extension(X509& certificate, int nid, int critical, void* content) {
  return X509_add1_ext_i2d(&certificate, nid, content, critical, X509V3_ADD_APPEND) == 1;
}

bool add_text_extension(X509& certificate, int nid, const char* text) {
  const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> extension(X509V3_EXT_nconf_nid(nullptr, nullptr, nid, text));
  return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool add_basic_constraints(X509& certificate, bool is_ca) {
  const std::unique_ptr<BASIC_CONSTRAINTS, Freer<BASIC_CONSTRAINTS_free>> constraints(BASIC_CONSTRAINTS_new());
  constraints->ca = is_ca ? 0xFF : 0;
  return add_extension(certificate, NID_basic_constraints, 1, constraints.get());
}

/// The hash of the public key's bits.
bool add_subject_key_identifier(X509& certificate, KeyIdentifier how) {
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(&certificate);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(bits));
  if (how == KeyIdentifier::sha256) {
    SHA256(ASN1_STRING_get0_data(bits), size, digest.data());
  } else {
    SHA1(ASN1_STRING_get0_data(bits), size, digest.data());
  }
  const Bytes identifier(ASN1_OCTET_STRING_new());
  return ASN1_OCTET_STRING_set(identifier.get(), digest.data(), SHA_DIGEST_LENGTH) == 1 &&
         add_extension(certificate, NID_subject_key_identifier, 0, identifier.get());
}

bool add_authority_key_identifier(X509& certificate, const ASN1_OCTET_STRING& of_signer) {
  const std::unique_ptr<AUTHORITY_KEYID, Freer<AUTHORITY_KEYID_free>> identifier(AUTHORITY_KEYID_new());
  identifier->keyid = ASN1_OCTET_STRING_dup(&of_signer);
  return add_extension(certificate, NID_authority_key_identifier, 0, identifier.get());
}

std::string ip_bytes(std::string_view text) {
  const std::string terminated(text);
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return {};
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(bytes.data(), mapped.data(), mapped.size()) == 0) return {bytes.data() + 12, 4};
  return {bytes.data(), 16};
}

bool push_name(GENERAL_NAMES& names, int type, int text_type, std::string_view bytes) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* text = ASN1_STRING_type_new(text_type);
  if (!name || !text || ASN1_STRING_set(text, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(text);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, text);
  return sk_GENERAL_NAME_push(&names, name) > 0;
}

Result<> add_alternative_names(X509& certificate, const CertificateRequest& request) {
  if (request.dns_names.empty() && request.ips.empty()) return {};
  const Names names(GENERAL_NAMES_new());
  for (const std::string& name : request.dns_names) {
    if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7F; }))
      return bad("error creating certificate: x509: " + quoted(name) + " cannot be encoded as an IA5String");
    if (!push_name(*names, GEN_DNS, V_ASN1_IA5STRING, name)) return openssl_error("error creating certificate");
  }
  for (const std::string& ip : request.ips)
    if (!push_name(*names, GEN_IPADD, V_ASN1_OCTET_STRING, ip_bytes(ip))) return openssl_error("error creating certificate");
  // Without a subject the names are all that says whose certificate it is.
  if (!add_extension(certificate, NID_subject_alt_name, request.common_name.empty() ? 1 : 0, names.get()))
    return openssl_error("error creating certificate");
  return {};
}

Result<std::string> certificate_pem(X509& certificate) {
  const Stream out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(out.get(), &certificate) != 1) return openssl_error("error creating certificate");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

struct Signer {
  Certificate certificate;
  PrivateKey key;
};

Result<Signer> read_signer(const KeyPair& pair) {
  Signer signer{read_certificate(pair.cert), nullptr};
  if (!signer.certificate) return bad("unable to decode certificate");
  auto key = parse_key(pair.key);
  if (!key) return std::move(key).error().during("error parsing private key");
  signer.key = std::move(*key);
  if (X509_check_private_key(signer.certificate.get(), signer.key.get()) != 1) {
    ERR_clear_error();
    return bad("error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  return signer;
}

bool fill(X509& certificate, const CertificateRequest& request, EVP_PKEY& key) {
  return X509_set_version(&certificate, X509_VERSION_3) == 1 && set_serial(certificate) && set_name(certificate, request.common_name) &&
         ASN1_TIME_set(X509_getm_notBefore(&certificate), request.now) &&
         ASN1_TIME_set(X509_getm_notAfter(&certificate), request.now + request.valid_seconds) &&
         X509_set_pubkey(&certificate, &key) == 1 &&
         add_text_extension(certificate, NID_key_usage,
                            request.is_ca ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                                          : "critical,digitalSignature,keyEncipherment") &&
         add_text_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         add_basic_constraints(certificate, request.is_ca) &&
         (!request.is_ca || add_subject_key_identifier(certificate, request.identifier));
}

}  // namespace

bool is_ip(std::string_view text) { return !ip_bytes(text).empty(); }

Result<KeyPair> make_certificate(const CertificateRequest& request, EVP_PKEY& key, const KeyPair* signed_by) {
  if (EVP_PKEY_get_base_id(&key) == EVP_PKEY_DSA)
    return bad(signed_by ? "error creating certificate: x509: unsupported public key type: *dsa.PublicKey"
                         : "error creating certificate: x509: certificate private key does not implement crypto.Signer");
  Signer signer;
  if (signed_by) {
    auto read = read_signer(*signed_by);
    if (!read) return std::move(read).error();
    signer = std::move(*read);
  }
  const Certificate certificate(X509_new());
  if (!certificate || !fill(*certificate, request, key)) return openssl_error("error creating certificate");
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const X509_NAME* issuer = signer.certificate ? X509_get_subject_name(signer.certificate.get()) : subject;
  if (X509_set_issuer_name(certificate.get(), issuer) != 1) return openssl_error("error creating certificate");
  if (signer.certificate && X509_NAME_cmp(issuer, subject) != 0)
    if (const ASN1_OCTET_STRING* identifier = X509_get0_subject_key_id(signer.certificate.get()))
      if (!add_authority_key_identifier(*certificate, *identifier)) return openssl_error("error creating certificate");
  if (auto added = add_alternative_names(*certificate, request); !added) return std::move(added).error();
  EVP_PKEY* signing_key = signer.key ? signer.key.get() : &key;
  const EVP_MD* digest = EVP_PKEY_get_base_id(signing_key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  if (X509_sign(certificate.get(), signing_key, digest) <= 0) return openssl_error("error creating certificate");
  auto cert_pem = certificate_pem(*certificate);
  if (!cert_pem) return std::move(cert_pem).error();
  auto key_pem = to_pem(key);
  if (!key_pem) return std::move(key_pem).error();
  return KeyPair{std::move(*cert_pem), std::move(*key_pem)};
}

Result<KeyPair> check_key_pair(std::string_view cert_base64, std::string_view key_base64) {
  Decoded cert = decode_base64(cert_base64);
  if (cert.bad_at) return bad("unable to decode base64 certificate");
  Decoded key = decode_base64(key_base64);
  if (key.bad_at) return bad("unable to decode base64 private key");
  if (cert.bytes.find("-----BEGIN ") == std::string::npos) return bad("unable to decode certificate");
  if (!read_certificate(cert.bytes)) return bad("error parsing certificate: decodedCert.Bytes: x509: malformed certificate");
  if (auto parsed = parse_key(key.bytes); !parsed) return std::move(parsed).error().during("error parsing private key");
  return KeyPair{std::move(cert.bytes), std::move(key.bytes)};
}

}  // namespace sluice::functions
