#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace sluice::sandbox {

struct Certificate {
  std::string pem;
  Secret key_pem;
};

/// A self-signed ECDSA P-256 certificate for 127.0.0.1, its own CA, good for a year.
Result<Certificate> make_loopback_certificate();

}  // namespace sluice::sandbox
