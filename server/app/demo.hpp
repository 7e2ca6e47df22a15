#pragma once

namespace sluice::app {

struct DemoOptions {
  bool yes = false;  ///< approve by itself, and end once it has succeeded
};

/// `sluice demo`: the whole loop on this machine. A repository is made in a scratch folder, a daemon starts, a signed push is
/// sent, the plan is shown, a person (or --yes) approves it, the push is followed to its end. Returns the exit code.
int demo(const DemoOptions& options);

}  // namespace sluice::app
