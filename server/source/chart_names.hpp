#pragma once

#include <algorithm>
#include <cctype>
#include <string>

#include "core/base/result.hpp"

namespace sluice::source {

inline std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// A name and version may become part of a path: they must be plain.
inline Result<> check_chart_name(const std::string& name, const std::string& what) {
  const bool plain = !name.empty() && name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+';
  });
  if (plain) return {};
  return Error{Errc::invalid, "\"" + name + "\" is no " + what + " of a chart"};
}

}  // namespace sluice::source
