#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/plan/json.hpp"
#include "core/value/marked_text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::plan {

/// JSON pointers into `json` of the nodes of a YAML document between whose beginning and the next node's a marked byte lies.
/// `positions` are those of the reader for the same text, `json` is what it read.
std::vector<std::string> secret_paths(const Text& text, std::span<const YamlPosition> positions, const Json& json);

/// The JSON pointer of "data.mail.cf" or "spec.containers[0].image" in `json` (keys may hold dots); "" if nothing is there.
std::string to_pointer(const Json& json, std::string_view path);

}  // namespace sluice::plan
