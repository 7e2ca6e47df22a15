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

/// Whose signature counts for a repository. More than one entry a repository while a secret is being replaced.
struct RepositorySecret {
  std::string repository;
  Secret secret;
};

/// What the webhook needs of the configuration.
struct Settings {
  std::vector<intake::Repository> repositories;
  std::vector<RepositorySecret> secrets;
};

/// Reads the secrets too. Errors: as read_credential; an empty secret is one.
Result<Settings> make_settings(const config::Config& config);

/// The trigger rules alone, for whoever judges a stored delivery.
std::vector<intake::Repository> rules_of(const config::Config& config);

}  // namespace sluice::webhook
