#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::helmfile {

struct Files;

/// Lexical path arithmetic with Go's path/filepath results: no file is looked at.
std::string clean_path(std::string_view path);
/// `path` itself if absolute, else clean(base/path). An empty base is the current folder.
std::string join_path(std::string_view base, std::string_view path);
std::string directory_of(std::string_view path);  ///< "." for a bare name
std::string base_name(std::string_view path);
/// The last extension with its dot (".gotmpl"), or "".
std::string_view extension_of(std::string_view path);
bool is_absolute(std::string_view path);
/// True for go-getter and http(s)/s3 addresses: everything that is not a path.
bool is_remote(std::string_view path);

/// The existing paths that match `pattern` (`*`, `?`, `[a-z]`, `\` escapes; no `**`), sorted. A pattern without
/// such characters matches itself if it exists. Follows: Go, filepath.Glob.
Result<std::vector<std::string>> glob(const Files& files, std::string_view pattern);
/// Errors: invalid, for a malformed pattern. Follows: Go, filepath.Match.
Result<bool> matches(std::string_view pattern, std::string_view name);

}  // namespace sluice::helmfile
