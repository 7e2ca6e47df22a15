#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/value/yaml_parser.hpp"

namespace sluice::yaml {

/// A node as Go's %#v prints what goyaml.v2 decodes it to, for error texts: map[interface {}]interface {}{"a":1}.
/// Cut off after about 4 KiB.
std::string go_syntax(const std::vector<Node>& nodes, std::uint32_t index);

}  // namespace sluice::yaml
