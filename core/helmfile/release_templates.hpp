#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/helmfile/environment.hpp"
#include "core/helmfile/templates.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

struct State;
struct Release;

/// The state file as its releases' templates see it.
struct ReleaseContext {
  std::string file = {};
  std::string folder = {};
  Value environment = {};                                      ///< `.Environment`
  Value values = {};                                           ///< `.Values`
  std::string kube_context = {}, name_space = {}, chart = {};  ///< overrides
};

/// The `.` of a release's fields and of its values files.
Value release_data(const ReleaseContext& state, const Value& release);

/// The release with everything it inherits from `templates`, transitively; those of `always` (`defaultInherit`) come first,
/// unless it names them itself.
/// Errors: invalid, for a cycle, an unknown template, and a field under `except` that cannot be left out.
Result<Value> inherit_templates(const Value& release, const Value& templates, const std::vector<std::string>& always);

/// Executes the templates in a release's fields, until they no longer change what they themselves see (at most 6 rounds):
/// name, chart, namespace, version, labels, paths of values and secrets, valuesTemplate, setTemplate, needs and the bools given
/// as templates. valuesTemplate and setTemplate end up in front of values and set.
/// Errors: "failed executing templates in release ..."; invalid if it does not settle.
Result<Value> execute_release_templates(Templates& templates, const ReleaseContext& state, const Value& release);

/// A loaded state as its releases' templates see it.
ReleaseContext context_of(const State& state);
/// The release's record with what the overrides changed, as values files and hooks see it.
Value record_as_seen(const State& state, const Release& release);

}  // namespace sluice::helmfile
