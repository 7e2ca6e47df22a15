#pragma once

#include <map>
#include <string>

namespace sluice {

/// The files of a commit or of a chart: slash path relative to the root ("templates/web.yaml") -> bytes.
/// Paths are clean: no leading slash, no "." or ".." part, no empty part.
using Tree = std::map<std::string, std::string, std::less<>>;

}  // namespace sluice
