#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/value/marked_text.hpp"

namespace sluice::helmfile {

/// The documents of a manifest file with `name_space` in the metadata of every object that names none.
///
/// Errors: invalid, for what is no YAML.
/// Follows: chartify, whatever the kind: the items of a List are left alone, objects of no namespace are not.
/// Differs: everything else stays as it was written, where the original writes lists and blocks with its own indentation.
Result<Text> with_namespace(const Text& file, const std::string& name_space);

}  // namespace sluice::helmfile
