#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/outside.hpp"

namespace sluice::worker {

/// While it lives, a program with `folder()` first in its PATH finds a `kubectl` there: this very program, which asks through a
/// socket that only this user can reach.
///
/// `answer` runs on a thread of the door's, one call at a time; between making the door and its end the caller must leave alone
/// what `answer` uses.
class KubectlDoor {
 public:
  using Answer = std::function<helmfile::ExecOutput(const std::vector<std::string>& arguments)>;
  /// Errors: unavailable.
  static Result<std::unique_ptr<KubectlDoor>> open(Answer answer);
  ~KubectlDoor();
  KubectlDoor(const KubectlDoor&) = delete;
  KubectlDoor& operator=(const KubectlDoor&) = delete;

  const std::filesystem::path& folder() const;
  /// For the environment of the program: "SLUICE_KUBECTL_SOCKET=...".
  std::string variable() const;

 private:
  struct State;
  explicit KubectlDoor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether this process was started as `kubectl` behind such a door; `program` is argv[0].
bool is_kubectl_shim(const char* program);
/// Acts as `kubectl`: asks through the door, prints the answer. The exit code.
int run_kubectl_shim(const std::vector<std::string>& arguments);

}  // namespace sluice::worker
