#include "server/sandbox/certificate.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace sluice::sandbox {

namespace {

template <auto close>
struct Closer {
  template <class T>
  void operator()(T* handle) const noexcept {
    close(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Closer<EVP_PKEY_free>>;
using X509Certificate = std::unique_ptr<X509, Closer<X509_free>>;
using Bio = std::unique_ptr<BIO, Closer<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Closer<X509_EXTENSION_free>>;

bool add_extension(X509* certificate, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<Certificate> make_loopback_certificate() {
  const Key key(EVP_EC_gen("P-256"));
  const X509Certificate certificate(X509_new());
  if (!key || !certificate) return Error{Errc::unavailable, "making a key failed"};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 365L * 24 * 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("sluice sandbox"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const bool complete = add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE") &&
                        add_extension(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost") &&
                        X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0;
  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_mem()));
  if (!complete || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Error{Errc::unavailable, "making a certificate failed"};
  }
  return Certificate{text_of(certificate_text.get()), Secret(text_of(key_text.get()))};
}

}  // namespace sluice::sandbox
