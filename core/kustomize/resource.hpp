#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/base/result.hpp"
#include "core/kustomize/kustomize.hpp"
#include "core/value/value.hpp"

namespace sluice::kustomize {

/// Which object it is.
struct Id {
  std::string group = {}, version = {}, kind = {}, name = {}, name_space = {};

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  /// Objects of a namespace that name none are in "default".
  std::string effective_namespace() const;
  /// In the same effective namespace, all else equal.
  bool same_object(const Id& other) const;
};
/// As kustomize's errors name it: "Deployment.v1.apps/web.[noNs]".
std::string to_string(const Id& id);

/// One object on its way through the patches.
struct Resource {
  Value object = {};                                      ///< a map of its own; empty once a patch has removed it
  std::string source = {};                                ///< the file it is from
  std::vector<Id> before = {};                            ///< its ids before its name or namespace changed, oldest first
  bool rewritten = false;                                 ///< a JSON patch went over it: texts are in quotes where they need them
  bool needs_hash = false;                                ///< generated: its contents are to be hashed into its name
  std::vector<std::string> prefixes = {}, suffixes = {};  ///< that its name was given, innermost first

  Id id() const;
  /// Its first id.
  Id original_id() const { return before.empty() ? id() : before.front(); }
  bool is_removed() const { return object.size() == 0; }
};

/// Texts that are written in quotes or as blocks, by Value::identity(). A scalar that takes the place of one is a text as well.
struct Quoted {
  std::unordered_set<const void*> texts = {};
  std::vector<Value> kept = {};  ///< what they belong to: an identity is one as long as its text lives
};

/// The objects of a text of one or several documents, lists of objects taken apart.
/// Errors: invalid, naming the source: no YAML, an object without kind or name, one key twice.
Result<std::vector<Resource>> read_resources(const Source& source, Quoted& quoted);

/// The text of the field at `path`; empty if there is none.
std::string text_at(const Value& object, std::initializer_list<std::string_view> path);
/// The map at `path`, made where it is missing. Null if something else stands there.
Map* make_map_at(Value& object, std::initializer_list<std::string_view> path);

/// A scalar as it is written, with its mark; empty for null, lists and maps.
Text scalar_text(const Value& value);
bool is_null(const Value& value);  ///< written or not

}  // namespace sluice::kustomize
