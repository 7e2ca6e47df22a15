#pragma once

#include <string>
#include <string_view>

namespace sluice::functions {

// Slash paths as Go's package path has them.

/// The shortest path that means the same: "a/../b//c/" -> "b/c", "" -> ".".
std::string clean_path(std::string_view path);
/// The last element: "a/b" -> "b", "" -> ".", "/" -> "/".
std::string base_of(std::string_view path);
/// All but the last element, cleaned.
std::string dir_of(std::string_view path);
/// From the last dot of the last element on.
std::string_view extension_of(std::string_view path);

}  // namespace sluice::functions
