#include "core/helmfile/lock.hpp"

#include <algorithm>

#include "core/functions/semver.hpp"
#include "core/helmfile/dialect.hpp"
#include "core/helmfile/paths.hpp"

namespace sluice::helmfile {

namespace {

constexpr std::string_view lock_version = "1.0.0";  // of the helmfile whose format this is

std::string text_field(const Value& record, std::string_view name) {
  const Value* field = record.find(name);
  return field == nullptr ? "" : scalar_text(*field).str();
}

}  // namespace

Result<Lock> parse_lock(std::string_view text, const std::string& file) {
  auto document = read_yaml(Text(text));
  if (!document) return std::move(document).error().during("lock file " + file);
  if (!document->is_nil() && !document->is_map()) return Error{Errc::invalid, "lock file " + file + ": must be a map"};
  Lock lock;
  lock.digest = text_field(*document, "digest");
  lock.generated = text_field(*document, "generated");
  const Value* charts = document->find("dependencies");
  if (charts == nullptr) return lock;
  for (const Value& chart : charts->items()) {
    LockedChart locked{text_field(chart, "name"), text_field(chart, "repository"), text_field(chart, "version")};
    if (locked.name.empty() || locked.version.empty()) {
      return Error{Errc::invalid, "lock file " + file + ": every entry of dependencies needs a name and a version"};
    }
    lock.charts.push_back(std::move(locked));
  }
  return lock;
}

std::string write_lock(Lock lock) {
  std::stable_sort(lock.charts.begin(), lock.charts.end(),
                   [](const LockedChart& a, const LockedChart& b) { return a.name < b.name; });
  std::vector<Value> charts;
  std::string text = "version: " + std::string(lock_version) + "\ndependencies:";
  for (const LockedChart& chart : lock.charts) {
    charts.push_back(Value::new_map({{"name", Value::of_string(chart.name)},
                                     {"repository", Value::of_string(chart.repository)},
                                     {"version", Value::of_string(chart.version)}}));
  }
  text += charts.empty() ? " []\n" : "\n" + write_yaml(Value::new_list(std::move(charts))).str();
  text += "digest: " + lock.digest + "\n";
  return text + "generated: '" + lock.generated + "'\n";
}

Result<std::string> locked_version(const Lock& lock, const std::string& chart, const std::string& range) {
  auto constraint = functions::Constraint::parse(range.empty() ? "*" : range);
  if (!constraint) return std::move(constraint).error().during("version \"" + range + "\" of chart " + chart);
  std::string seen;
  for (const LockedChart& locked : lock.charts) {
    if (locked.name != chart) continue;
    auto version = functions::parse_version(locked.version);
    if (!version) return std::move(version).error().during("locked version \"" + locked.version + "\" of chart " + chart);
    if (constraint->admits(*version)) return locked.version;
    seen += (seen.empty() ? " (locked: " : ", ") + locked.version;
  }
  if (!seen.empty()) seen += "; wanted: " + range + ")";
  return Error{Errc::not_found,
               "no resolved dependency found for \"" + chart + "\"" + seen + ", running \"sluice deps\" may resolve the issue"};
}

std::string lock_file_name(std::string_view state_file) {
  std::string name = base_name(state_file);
  for (std::string_view suffix : {".gotmpl", ".yaml", ".yml"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  return name + ".lock";
}

}  // namespace sluice::helmfile
