#include "server/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace sluice::net {

namespace {

template <auto close>
struct Closer {
  template <class T>
  void operator()(T* handle) const noexcept {
    close(handle);
  }
};
using Bio = std::unique_ptr<BIO, Closer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Closer<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Closer<EVP_PKEY_free>>;

Bio open(const std::string& pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

/// A key that wants a password is an error, not a prompt on the terminal.
int no_password(char*, int, int, void*) { return -1; }

Result<> trust(SSL_CTX* context, const std::string& ca_pem) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);  // the anchor may be an intermediate
  const Bio bio = open(ca_pem);
  int count = 0;
  while (Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return Error{Errc::invalid, "a CA certificate cannot be used"};
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return Error{Errc::invalid, "the CA bundle holds no PEM certificate"};
  return {};
}

Result<> identify(SSL_CTX* context, const Tls& tls) {
  const Bio bio = open(tls.certificate_pem);
  const Certificate leaf{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)};
  if (!leaf) return Error{Errc::invalid, "the client certificate is not a PEM certificate"};
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return Error{Errc::invalid, "the client certificate cannot be used"};
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1)
      return Error{Errc::invalid, "the client certificate's chain cannot be used"};
  }
  const Bio key_bio = open(tls.key_pem.reveal());
  const Key key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr)};
  if (!key) return Error{Errc::invalid, "the client key is not an unencrypted PEM private key"};
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1)
    return Error{Errc::invalid, "the client key does not belong to the client certificate"};
  ERR_clear_error();
  return {};
}

/// Where an SSL has the address of its SslSession.
int session_slot() {
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

int keep_session(SSL* ssl, SSL_SESSION* offered) {
  auto* session = static_cast<SslSession*>(SSL_get_ex_data(ssl, session_slot()));
  if (!session) return 0;
  session->reset(offered);
  return 1;  // it is ours now
}

}  // namespace

void resume(SSL* ssl, SslSession& session) {
  SSL_set_ex_data(ssl, session_slot(), &session);
  if (session) SSL_set_session(ssl, session.get());
}

Result<SslContext> make_ssl_context(const Tls& tls) {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Error{Errc::unavailable, "OpenSSL gives no TLS context"};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), keep_session);
  if (tls.ca_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(context.get()) != 1)
      return Error{Errc::invalid, "the system's CA certificates cannot be read"};
  } else if (auto trusted = trust(context.get(), tls.ca_pem); !trusted) {
    return std::move(trusted).error();
  }
  if (!tls.certificate_pem.empty()) {
    if (auto identified = identify(context.get(), tls); !identified) return std::move(identified).error();
  }
  ERR_clear_error();
  return context;
}

Result<> expect_name(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  // the certificate's common name says nothing: only its alternative names count
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1) return {};  // an address is never sent as SNI
  ERR_clear_error();
  if (X509_VERIFY_PARAM_set1_host(param, name.data(), name.size()) != 1 || SSL_set_tlsext_host_name(ssl, name.c_str()) != 1)
    return Error{Errc::invalid, "'" + name + "' cannot be asked for in TLS"};
  return {};
}

std::string verify_failure(const SSL* ssl) {
  const long result = SSL_get_verify_result(ssl);
  return result == X509_V_OK ? std::string() : std::string(X509_verify_cert_error_string(result));
}

}  // namespace sluice::net
