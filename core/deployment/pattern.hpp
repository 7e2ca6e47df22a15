#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/deployment/protection.hpp"

namespace sluice::deployment {

/// Whether `name` has the form of `pattern`: `*` and `?` match within one path part, `**/` any number of parts, `[a-z]` and
/// `[!a-z]` one character that is not a slash, `\` takes the next character as it is, a leading dot is matched by a dot only.
/// Follows: GitHub's branch and tag patterns, which are Ruby's File.fnmatch with FNM_PATHNAME.
bool matches(std::string_view pattern, std::string_view name);

/// Whether the rules let `ref` ("refs/heads/main", "refs/tags/v1", "refs/pull/7/merge") deploy. Branch patterns are never
/// asked about tags, nor the reverse; both match the short name.
Result<> may_deploy_ref(const Protection& rules, std::string_view ref);

}  // namespace sluice::deployment
