#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/outside.hpp"
#include "server/config/config.hpp"
#include "server/worker/inputs.hpp"
#include "server/worker/kubectl.hpp"
#include "server/worker/shell_line.hpp"

namespace sluice::worker {

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
///
/// With `kubectl: native`, `kubectl get` is answered by our own client, also at the front of a pipe in `sh -c` whose other
/// programs only change text (filters.hpp); such a line is run program by program, without a shell. A program that exec.allow
/// lists finds a `kubectl` in its PATH that is answered the same way.
/// Why no shell: the line comes from the repository, and what is understood whole needs none.
class Programs {
 public:
  /// `limit`: what one program may take.
  Programs(config::ExecPolicy policy, Variables variables, std::chrono::milliseconds limit = std::chrono::seconds(30))
      : policy_(std::move(policy)), variables_(std::move(variables)), limit_(limit) {}
  /// What `kubectl` is answered from; to be called before the first `run`.
  void connect(KubectlWorld world) { world_ = std::move(world); }
  /// Errors: denied, saying why; those of running a program; not_found, when a Secret's value was expected and is empty.
  Result<helmfile::ExecOutput> run(const helmfile::ExecCall& call);
  const std::vector<ExecRecord>& records() const { return records_; }

 private:
  Result<helmfile::ExecOutput> run_allowed(const std::string& program, const helmfile::ExecCall& call);
  Result<helmfile::ExecOutput> run_pipeline(const std::vector<ShellCommand>& commands, const std::string& shown);
  Result<std::vector<ShellCommand>> native_call(const helmfile::ExecCall& call) const;
  helmfile::ExecOutput answer_behind_door(const std::vector<std::string>& arguments) const;

  config::ExecPolicy policy_;
  Variables variables_;
  std::chrono::milliseconds limit_;
  std::optional<KubectlWorld> world_;
  std::vector<ExecRecord> records_;
  std::map<std::vector<std::string>, helmfile::ExecOutput> answers_;
};

/// Whether a rule of `exec.allow` covers this call; the program's absolute path, or nothing.
std::string allowed_program(const config::ExecPolicy& policy, const std::string& program, const std::vector<std::string>& arguments);

}  // namespace sluice::worker
