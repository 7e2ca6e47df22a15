#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace sluice::net {

/// Whom to trust and who we are.
struct Tls {
  std::string ca_pem{};           ///< the only authorities trusted; empty: those of the system
  std::string certificate_pem{};  ///< ours, with its chain; empty: none
  Secret key_pem{};               ///< of `certificate_pem`
  std::string server_name{};      ///< asked for and checked instead of the URL's host; empty: the URL's host
};

struct CloseSslContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, CloseSslContext>;

/// TLS 1.2 or newer, verifying. Errors: invalid, naming what of `tls` cannot be read (never its content).
Result<SslContext> make_ssl_context(const Tls& tls);

/// Makes `ssl` ask for `name` and accept a certificate for that name or address only.
Result<> expect_name(SSL* ssl, const std::string& name);

struct FreeSslSession {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
/// What a connection has agreed on with its server; empty until the server has offered to remember it.
using SslSession = std::unique_ptr<SSL_SESSION, FreeSslSession>;

/// Lets the handshake of `ssl` go on from `session` if it can: no certificates are then sent, signed and verified again. What the
/// server offers for the next time is kept in `session`, which must outlive `ssl`. One `session` is for one server and name.
void resume(SSL* ssl, SslSession& session);

/// Why the certificate of the other side was not accepted: "certificate has expired"; empty if it was not refused.
std::string verify_failure(const SSL* ssl);

}  // namespace sluice::net
