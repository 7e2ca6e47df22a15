#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/value.hpp"

namespace sluice::chart {

struct Maintainer {
  std::string name, email, url;
};

/// One entry of `dependencies` in Chart.yaml or requirements.yaml.
struct Dependency {
  std::string name, version, repository, condition;
  std::vector<std::string> tags;
  bool enabled = false;
  std::vector<Value> import_values;  ///< texts or maps {child, parent}
  std::string alias;
};

/// What Chart.yaml says.
struct Metadata {
  std::string name, home;
  std::vector<std::string> sources;
  std::string version, description;
  std::vector<std::string> keywords;
  std::vector<std::shared_ptr<Maintainer>> maintainers;  ///< null for a null entry, until validated
  std::string icon, api_version, condition, tags, app_version;
  bool deprecated = false;
  std::map<std::string, std::string> annotations;
  std::string kube_version;
  std::vector<std::shared_ptr<Dependency>> dependencies;  ///< null for a null entry, until validated
  bool declares_dependencies = false;                     ///< there is a list of dependencies, maybe an empty one
  std::string type;

  bool is_library() const;  ///< "library" in any case
};

/// Reads the YAML of Chart.yaml (or of requirements.yaml, which may only add dependencies) over `into`; absent fields stay as
/// they are. Errors: invalid, with the text of Go's YAML and JSON readers.
Result<> read_metadata(std::string_view yaml, Metadata& into);

/// Cleans the texts of `metadata` (every space becomes U+0020, what cannot be printed goes), then checks them.
/// Errors: invalid: "validation: chart.metadata.name is required" and its kin.
/// Follows: Helm, pkg/chart/metadata.go.
Result<> validate(Metadata& metadata);

/// As encoding/json writes it: keys of Chart.yaml, empty fields left out.
Value to_plain(const Metadata& metadata);
Value to_plain(const Dependency& dependency);
Value to_plain(const Maintainer& maintainer);

}  // namespace sluice::chart
