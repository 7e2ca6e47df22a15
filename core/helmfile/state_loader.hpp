#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/environment.hpp"
#include "core/helmfile/templates.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

/// A state file with all its parts and bases, before its releases are looked at.
struct StateText {
  Value spec = {};  ///< merged, conforming to the schema
  Environment environment = {};
  Value values = {};  ///< `.Values` of the releases' templates
};

/// What reading a state file depends on besides its own text.
struct StateRequest {
  std::string file = {};
  std::string environment = {};
  std::string name_space = {};                      ///< -n
  std::optional<Environment> inherited = {};        ///< below what the file itself says: of a parent file that hands it down
  std::optional<Environment> override_values = {};  ///< state values of the command line or of the parent file
};

/// Reads the file's parts in order: each is rendered with what the parts before it loaded, parsed, put on top of its bases, and
/// its environment's values are loaded. Nothing if the file does not define the environment.
/// Follows: helmfile v1.0.0, pkg/app/desired_state_file_loader.go and pkg/state/create.go.
Result<std::optional<StateText>> load_state_text(Templates& templates, const StateRequest& request,
                                                 std::vector<std::string>& notes);

}  // namespace sluice::helmfile
