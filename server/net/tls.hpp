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

/// Why the certificate of the other side was not accepted: "certificate has expired"; empty if it was not refused.
std::string verify_failure(const SSL* ssl);

}  // namespace sluice::net
