#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/outside.hpp"
#include "server/config/config.hpp"

namespace sluice::worker {

/// Which commit a deployment is about, as templates of the configuration see it: .Commit.Sha, .Short, .Ref, .Branch, .Tag.
struct Commit {
  std::string sha;
  std::string ref;  ///< "refs/heads/main", "refs/tags/v1", or what a person gave
};

/// Executes a template of the configuration ("{{ .Commit.Sha }}") over .Commit and .Environment.Name, with Sprig's functions.
/// Errors: invalid, naming `where`.
Result<std::string> expand(const std::string& where, const std::string& text, const Commit& commit, const std::string& environment);

using Variables = std::map<std::string, helmfile::Variable>;

/// The environment variables that a render sees: `variables`, expanded, and `secrets`, marked. None of the daemon's own.
/// Errors: invalid; whatever reading a credential says, naming the secret.
Result<Variables> variables_of(const config::Environment& environment, const Commit& commit);

}  // namespace sluice::worker
