#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/chart/metadata.hpp"

namespace sluice::source {

/// An entry of Chart.lock.
struct LockedDependency {
  std::string name, version, repository;
};

/// The digest that Chart.lock holds of the dependencies and what they were resolved to.
/// `repositories` gives URLs for "@name" and "alias:name".
/// Follows: Helm 3.17, internal/resolver: SHA-256 of Go's JSON of both lists.
std::string dependency_digest(const std::vector<chart::Dependency>& dependencies, const std::vector<LockedDependency>& locked,
                              const std::map<std::string, std::string>& repositories);

}  // namespace sluice::source
