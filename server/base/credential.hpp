#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace sluice {

/// Where the configuration says a secret is: `{file: path}`, `{credential: name}` or `{env: NAME}`.
struct CredentialSource {
  enum class Kind { file, credential, env };
  Kind kind = Kind::file;
  std::string name;  ///< The path, the credential's name, or the variable's name.

  bool operator==(const CredentialSource&) const = default;
};

/// "file /etc/sluice/token", for messages.
std::string to_string(const CredentialSource& source);

/// Whether a secret may come from the environment, where every process of the same user can read it and children inherit it.
/// The daemon refuses; commands that a person runs allow it.
enum class EnvironmentSecrets { refuse, allow };

/// The secret itself, without one line break at its end.
///
/// A `credential` is a file of that name in $CREDENTIALS_DIRECTORY (systemd's LoadCredential); the name has no slash.
/// Errors: not_found; denied when other users may read the file; invalid when it is empty, larger than 1 MiB or not a file.
Result<Secret> read_credential(const CredentialSource& source, EnvironmentSecrets environment = EnvironmentSecrets::refuse);

/// The path of a `file` or `credential`, for what has to be given to another program by path.
Result<std::string> credential_path(const CredentialSource& source);

}  // namespace sluice
