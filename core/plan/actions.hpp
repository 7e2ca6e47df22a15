#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/plan/diff.hpp"
#include "core/plan/manifest.hpp"
#include "core/plan/mask.hpp"
#include "core/plan/plan.hpp"

namespace sluice::plan {

/// Where the API server keeps an object.
struct Place {
  std::string collection;  ///< "/api/v1/namespaces/shop/services"
  std::string object;      ///< "/api/v1/namespaces/shop/services/web"
};

/// The writes carry Helm's name, so that Helm 4 finds the fields it thinks are its own.
inline constexpr std::string_view field_manager = "helm";

/// POST of the whole object.
Action create_action(const Desired& wanted, const Place& place);

/// What brings `live` to `wanted`: nothing, or a merge patch that also names the uid it was made for, so that it cannot hit an
/// object of that name that came later. `last` is the object in the last release's manifest, if it was there.
Action update_action(const Desired& wanted, const Desired* last, const Json& live, const Place& place);

/// DELETE of exactly the object that was seen.
Action remove_action(const ObjectId& id, std::string_view api_version, const Json& live, const Place& place,
                     Cascade cascade = Cascade::background);

/// The update turned into deletion and creation, for a field that cannot be changed; nothing for kinds that hold data or
/// serve traffic, which only a person may delete.
std::optional<Action> replace_action(const Action& update, const Desired& wanted, const Place& place);

/// The path of `action` with dryRun=All.
std::string dry_run_path(std::string_view path);

/// No request: the object is as it should be.
Action unchanged_action(const Desired& wanted, const Json& live, const Place& place);

/// What a created, changed, removed or untouched object looks like to a person. `result` is the server's answer to the dry run,
/// or null where there was none (then what is shown is what is sent). The secret paths of both `wanted` and `last` are masked on both
/// sides: what was secret is not shown when it goes.
struct Shown {
  const Action& action;
  const Desired* wanted = nullptr;  ///< null for remove
  const Desired* last = nullptr;
  const Json* live = nullptr;
  const Json* result = nullptr;
};
ObjectDiff show(const Shown& shown, const Masker& masker);

/// The objects that a CustomResourceDefinition will make possible.
struct DefinedKind {
  std::string group, kind, plural;
  std::vector<std::string> versions;
  bool namespaced = true;
};
/// nothing if `object` is no definition.
std::optional<DefinedKind> defined_kind(const Json& object);

}  // namespace sluice::plan
