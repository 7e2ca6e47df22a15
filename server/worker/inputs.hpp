#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/outside.hpp"
#include "server/config/config.hpp"
#include "server/source/git.hpp"

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

/// One program that a template ran, for the plan and the page.
struct ExecRecord {
  std::vector<std::string> arguments;
  int exit_code = 0;
  std::string output_sha256;
};

/// Runs the programs that templates ask for, as far as the environment's policy lists them (reliability: deny by default).
///
/// An allowed program gets the render's variables that are no secrets, a PATH of system folders, a deadline and an output cap.
/// What it prints counts as secret. Each distinct call runs once: asked again, it gives the same answer.
class Programs {
 public:
  Programs(config::ExecPolicy policy, Variables variables) : policy_(std::move(policy)), variables_(std::move(variables)) {}
  Result<helmfile::ExecOutput> run(const helmfile::ExecCall& call);
  const std::vector<ExecRecord>& records() const { return records_; }

 private:
  config::ExecPolicy policy_;
  Variables variables_;
  std::vector<ExecRecord> records_;
  std::map<std::vector<std::string>, helmfile::ExecOutput> answers_;
};

/// Whether a rule of `exec.allow` covers this call; the program's absolute path, or nothing.
std::string allowed_program(const config::ExecPolicy& policy, const std::string& program, const std::vector<std::string>& arguments);

/// The files of a commit as helmfile reads them. `tree` must outlive the result.
helmfile::Files files_of(source::CommitTree& tree);

}  // namespace sluice::worker
