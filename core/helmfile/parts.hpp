#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::helmfile {

/// A section of a state file between lines `---`.
struct Part {
  std::string text;  ///< begins with as many empty lines as stand before it in the file, so that lines in errors are the file's
};

/// CRLF becomes LF; the only separator is the exact bytes "\n---\n".
std::vector<Part> split_parts(std::string_view file);

/// What helmfile checks on the raw text of a state file, before any template of it is executed.
/// Errors: invalid, if there is no top-level key, if `environments` and `releases` stand in one part, or `bases` or
/// `environments` after `releases`. Follows: helmfile v1.0.0, pkg/policy.
Result<> check_raw_parts(std::string_view file_name, std::string_view text);

}  // namespace sluice::helmfile
