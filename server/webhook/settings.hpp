#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/intake/intake.hpp"

namespace sluice::config {
struct Config;
}

namespace sluice::webhook {

/// What the webhook needs of the configuration.
struct Settings {
  std::vector<intake::Repository> repositories;
  std::vector<Secret> secrets;  ///< each once: an HMAC is made under every one of them
  struct Owner {
    std::string repository;
    std::size_t secret;  ///< in `secrets`
  };
  std::vector<Owner> owners;  ///< more than one entry a repository while a secret is being replaced

  /// Lets `secret` sign for `repository`.
  void add_secret(const std::string& repository, Secret secret);
};

/// Reads the secrets too. Errors: as read_credential; an empty secret is one.
Result<Settings> make_settings(const config::Config& config);

/// The trigger rules alone, for whoever judges a stored delivery.
std::vector<intake::Repository> rules_of(const config::Config& config);

}  // namespace sluice::webhook
