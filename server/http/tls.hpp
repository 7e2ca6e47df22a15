#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace boost::asio::ssl {
class context;
}

namespace sluice::http {

/// Who we are to TLS clients. An ECDSA P-256 key is about 13 times cheaper to sign with than RSA 2048.
struct TlsIdentity {
  std::string certificate_pem;  ///< The chain, our own certificate first.
  Secret key_pem;
};

/// A server context: TLS 1.2 and up, no renegotiation, no resumption. Errors: invalid, saying which part does not fit.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsIdentity& identity);

/// When the first certificate of the chain ends.
Result<std::chrono::sys_seconds> certificate_end(const std::string& certificate_pem);

}  // namespace sluice::http
