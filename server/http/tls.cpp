#include "server/http/tls.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>

namespace sluice::http {

namespace ssl = boost::asio::ssl;

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsIdentity& identity) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression,
                       error);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);

  context->use_certificate_chain(boost::asio::buffer(identity.certificate_pem), error);
  if (error) return Error{Errc::invalid, "reading the TLS certificate: " + error.message()};
  context->use_private_key(boost::asio::buffer(identity.key_pem.reveal()), ssl::context::pem, error);
  if (error) return Error{Errc::invalid, "reading the TLS key: it is no key in PEM form that belongs to the certificate"};
  if (SSL_CTX_check_private_key(raw) != 1) {
    ERR_clear_error();
    return Error{Errc::invalid, "the TLS key does not belong to the certificate"};
  }
  return context;
}

Result<std::chrono::sys_seconds> certificate_end(const std::string& certificate_pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                                &X509_free);
  std::tm end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    ERR_clear_error();
    return Error{Errc::invalid, "the TLS certificate is not in PEM form"};
  }
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&end)));
}

}  // namespace sluice::http
