#include "core/helmfile/parts.hpp"

#include <algorithm>
#include <cctype>

namespace sluice::helmfile {

namespace {

std::string with_unix_lines(std::string_view file) {
  std::string text;
  text.reserve(file.size());
  for (std::size_t i = 0; i < file.size(); ++i) {
    if (file[i] == '\r' && i + 1 < file.size() && file[i + 1] == '\n') continue;
    text += file[i];
  }
  return text;
}

/// "releases" for the line "releases: []"; "---" for a separator line; "" for every other line.
std::string_view top_key(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
  if (line == "---") return line;
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return {};
  const std::string_view key = line.substr(0, colon);
  const bool letters =
      std::all_of(key.begin(), key.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  return letters ? key : std::string_view();
}

}  // namespace

std::vector<Part> split_parts(std::string_view file) {
  static constexpr std::string_view separator = "\n---\n";
  const std::string text = with_unix_lines(file);
  std::vector<Part> parts;
  std::size_t lines_before = 0;
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    const std::string_view part = std::string_view(text).substr(at, end - at);
    parts.push_back({std::string(lines_before, '\n') + std::string(part)});
    if (end == text.size()) return parts;
    lines_before += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n')) + 2;
    at = end + separator.size();
  }
}

Result<> check_raw_parts(std::string_view file_name, std::string_view file) {
  const std::string text = with_unix_lines(file);
  bool any_key = false;
  bool releases_seen = false;
  bool environments_here = false;
  bool releases_here = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view key = top_key(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (key == "---") {
      environments_here = releases_here = false;
      continue;
    }
    any_key = any_key || !key.empty();
    if ((key == "environments" || key == "bases") && releases_seen) {
      return Error{Errc::invalid,
                   "top-level config key " + std::string(key) + " must be defined before releases in " + std::string(file_name)};
    }
    environments_here = environments_here || key == "environments";
    releases_here = releases_here || key == "releases";
    releases_seen = releases_seen || key == "releases";
    if (environments_here && releases_here) {
      return Error{Errc::invalid,
                   std::string(file_name) +
                       ": environments and releases cannot be defined within the same YAML part. Use --- to extract the "
                       "environments into a dedicated part"};
    }
  }
  if (!any_key) return Error{Errc::invalid, "no top-level config keys are found in " + std::string(file_name)};
  return {};
}

}  // namespace sluice::helmfile
