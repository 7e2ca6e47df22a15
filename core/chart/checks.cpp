// What Helm checks of a release before it looks at values.

#include "core/chart/chart.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

constexpr std::size_t max_release_name = 53;

/// ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$
bool is_release_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (const char c : name)
    if (!is_letter(c) && c != '-' && c != '.') return false;
  // each part between dots begins and ends with a letter or digit
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    if (end == at || !is_letter(name[at]) || !is_letter(name[end - 1])) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

Result<> check_release_name(std::string_view name, HelmVersion helm) {
  const std::string prefix = helm == HelmVersion::v3 ? "" : "release name check failed: ";
  if (name.empty()) return Error{Errc::invalid, prefix + "release name \"\": no name provided"};
  if (name.size() <= max_release_name && is_release_name(name)) return {};
  return Error{
      Errc::invalid,
      prefix + "release name " + quoted(name) +
          ": invalid release name, must match regex "
          "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"};
}

Result<> check_installable(const Chart& chart, HelmVersion helm) {
  const std::string& type = chart.metadata.type;
  if (!type.empty() && type != "application") return Error{Errc::invalid, type + " charts are not installable"};
  std::string missing;
  for (const auto& dependency : chart.metadata.dependencies) {
    bool found = false;
    for (const auto& loaded : chart.dependencies) found = found || loaded->metadata.name == dependency->name;
    if (!found) missing += (missing.empty() ? "" : ", ") + dependency->name;
  }
  if (missing.empty()) return {};
  const bool is_v3 = helm == HelmVersion::v3;
  return Error{Errc::invalid,
               std::string(is_v3 ? "An" : "an") + " error occurred while checking for chart dependencies. You may need to run " +
                   (is_v3 ? "`helm dependency build`" : "'helm dependency build'") +
                   " to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: " + missing};
}

}  // namespace sluice::chart
