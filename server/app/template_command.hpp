#pragma once

#include <string>
#include <vector>

namespace sluice::app {

/// `sluice template`: what `helm template` with the same arguments prints, and its exit code.
/// Differs: repositories that `helm repo add` named are not known, and what needs a cluster or a program of its own (--validate,
/// --dry-run=server, --post-renderer) is refused; --helm 4 follows Helm 4.
int run_template(const std::vector<std::string>& arguments);

/// `sluice lint`: as `helm lint`.
int run_lint(const std::vector<std::string>& arguments);

}  // namespace sluice::app
