#include "server/http/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <future>
#include <memory>

#include "tests/server/http/live_server.hpp"

namespace sluice::http {
namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

/// A self-signed P-256 identity of that name, good for a day.
TlsIdentity identity(const std::string& name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  X509_sign(certificate, key, EVP_sha256());
  BIO* certificate_pem = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_pem, certificate);
  BIO* key_pem = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_pem, key, nullptr, nullptr, 0, nullptr, nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {text_of(certificate_pem), Secret(text_of(key_pem))};
}

/// The answer to one GET over TLS, with the server certificate's subject in front; empty when there is no handshake.
std::string ask(std::uint16_t port, int max_version = TLS1_3_VERSION) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), 0);
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  BIO* connection = BIO_new_ssl_connect(context.get());
  BIO_set_conn_hostname(connection, ("127.0.0.1:" + std::to_string(port)).c_str());
  std::string out;
  if (BIO_do_connect(connection) == 1) {
    SSL* ssl = nullptr;
    BIO_get_ssl(connection, &ssl);
    X509* certificate = SSL_get1_peer_certificate(ssl);
    char name[128];
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    out = std::string(name) + " ";
    BIO_puts(connection, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    char chunk[4096];
    int count = 0;
    while ((count = BIO_read(connection, chunk, sizeof chunk)) > 0) out.append(chunk, static_cast<std::size_t>(count));
  }
  BIO_free_all(connection);
  return out;
}

Router routes() {
  Router router;
  router.add(open_route("GET", "/hello"));
  return router;
}

TEST(Tls, ServesAndTakesANewCertificateWithoutARestart) {
  ServerOptions options;
  options.tls = identity("first");
  LiveServer live(routes(), options);
  const auto answer = ask(live.port());
  EXPECT_TRUE(answer.starts_with("first HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Strict-Transport-Security: max-age=31536000\r\n"), std::string::npos);
  const auto second = identity("second");
  std::promise<bool> replaced;
  boost::asio::post(live.io(), [&] { replaced.set_value(live.server().replace_identity(second).has_value()); });
  EXPECT_TRUE(replaced.get_future().get());
  EXPECT_TRUE(ask(live.port()).starts_with("second HTTP/1.1 200 OK\r\n"));
}

TEST(Tls, RefusesVersionsBefore12) {
  ServerOptions options;
  options.tls = identity("a");
  LiveServer live(routes(), options);
  EXPECT_TRUE(ask(live.port(), TLS1_2_VERSION).starts_with("a HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(ask(live.port(), TLS1_1_VERSION), "");
}

TEST(Tls, EndsAHandshakeThatNeverCompletes) {
  ServerOptions options;
  options.tls = identity("a");
  options.limits.handshake = std::chrono::milliseconds(50);
  LiveServer live(routes(), options);
  RawClient client(live.port());
  client.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_EQ(client.read_all(), "");
}

TEST(Tls, RefusesAKeyThatDoesNotFit) {
  auto mixed = identity("a");
  mixed.key_pem = identity("b").key_pem;
  EXPECT_FALSE(make_tls_context(mixed));
  EXPECT_EQ(make_tls_context({"nonsense", Secret("nonsense")}).error().code, Errc::invalid);
  EXPECT_EQ(certificate_end("nonsense").error(), (Error{Errc::invalid, "the TLS certificate is not in PEM form"}));
}

}  // namespace
}  // namespace sluice::http
