#include "core/chart/dependencies.hpp"

#include <algorithm>
#include <set>

#include "core/chart/runes.hpp"
#include "core/functions/semver.hpp"

namespace sluice::chart {

const Value* find_table(const Value& values, std::string_view path) {
  const Value* table = &values;
  for (;;) {
    const std::size_t dot = path.find('.');
    table = table->find(path.substr(0, dot));
    if (!table || !table->is_map()) return nullptr;
    if (dot == path.npos) return table;
    path.remove_prefix(dot + 1);
  }
}

const Value* find_path_value(const Value& values, std::string_view path) {
  const std::size_t dot = path.rfind('.');
  const Value* table = dot == path.npos ? &values : find_table(values, path.substr(0, dot));
  const Value* value = table ? table->find(dot == path.npos ? path : path.substr(dot + 1)) : nullptr;
  return value && !value->is_map() ? value : nullptr;
}

namespace {

using Charts = std::vector<std::shared_ptr<Instance>>;
using Declarations = std::vector<std::shared_ptr<Dependency>>;

/// The first name of `path` that leads to no table: what Helm's error names.
std::string missing_table(const Value& values, std::string_view path) {
  const Value* table = &values;
  for (;;) {
    const std::size_t dot = path.find('.');
    table = table->find(path.substr(0, dot));
    if (!table || !table->is_map() || dot == path.npos) return std::string(path.substr(0, dot));
    path.remove_prefix(dot + 1);
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

class Enabler {
 public:
  Enabler(HelmVersion helm, Warnings& warnings) : helm_(helm), warnings_(warnings), coalescer_(helm, warnings) {}

  Result<> process(Instance& chart, const Value& values, const std::string& path) {
    Declarations& declared = chart.metadata.dependencies;
    if (!chart.metadata.declares_dependencies) return {};
    chart.set_dependencies(choose(chart));
    for (const auto& dependency : declared) dependency->enabled = true;

    auto coalesced = coalescer_.values_for(chart, values, Nulls::remove);
    if (!coalesced) return std::move(coalesced).error();
    for (const auto& dependency : declared) apply_tags(*dependency, *coalesced);
    for (const auto& dependency : declared) apply_conditions(*dependency, *coalesced, path);

    std::set<std::string_view> disabled;
    for (const auto& dependency : declared)
      if (!dependency->enabled) disabled.insert(dependency->name);
    Charts kept;
    std::copy_if(chart.dependencies.begin(), chart.dependencies.end(), std::back_inserter(kept),
                 [&](const auto& sub) { return !disabled.contains(sub->name()); });
    Declarations kept_declarations;
    std::copy_if(declared.begin(), declared.end(), std::back_inserter(kept_declarations),
                 [&](const auto& dependency) { return !disabled.contains(dependency->name); });
    for (const auto& sub : kept)
      if (auto done = process(*sub, *coalesced, path + sub->name() + "."); !done) return done;
    declared = std::move(kept_declarations);
    chart.set_dependencies(std::move(kept));
    return {};
  }

 private:
  bool fits(const Dependency& dependency, const Instance& chart) const {
    if (dependency.name != chart.name()) return false;
    const auto rules = helm_ == HelmVersion::v3 ? functions::SemverRules::helm3 : functions::SemverRules::helm4;
    const auto version = functions::parse_version(chart.metadata.version, rules);
    const auto constraint = functions::Constraint::parse(dependency.version, rules);
    return version && constraint && constraint->admits(*version);
  }

  /// The undeclared charts, then for each declaration the first chart that fits it, under its alias.
  Charts choose(Instance& chart) const {
    Charts chosen;
    for (const auto& existing : chart.dependencies) {
      const bool is_declared = std::any_of(chart.metadata.dependencies.begin(), chart.metadata.dependencies.end(),
                                           [&](const auto& dependency) { return fits(*dependency, *existing); });
      if (!is_declared) chosen.push_back(existing);
    }
    for (const auto& dependency : chart.metadata.dependencies) {
      const auto found = std::find_if(chart.dependencies.begin(), chart.dependencies.end(),
                                      [&](const auto& existing) { return fits(*dependency, *existing); });
      if (found != chart.dependencies.end()) chosen.push_back(copy_as(*found, dependency->alias));
      if (!dependency->alias.empty()) dependency->name = dependency->alias;
    }
    return chosen;
  }

  /// A copy of `chart` that shares its declarations and children with it, as in Helm 3, or has its own, as in Helm 4.
  std::shared_ptr<Instance> copy_as(const std::shared_ptr<Instance>& chart, const std::string& alias) const {
    auto copy = std::make_shared<Instance>(*chart);
    copy->copied_from = chart;
    if (!alias.empty()) copy->metadata.name = alias;
    if (helm_ == HelmVersion::v4) {
      for (auto& dependency : copy->metadata.dependencies) dependency = std::make_shared<Dependency>(*dependency);
      Charts children;
      for (const auto& child : chart->dependencies) children.push_back(copy_as(child, ""));
      copy->set_dependencies(std::move(children));
    }
    return copy;
  }

  void apply_tags(Dependency& dependency, const Value& values) {
    const Value* tags = find_table(values, "tags");
    if (!tags) return;
    bool any_on = false, any_off = false;
    for (const std::string& tag : dependency.tags) {
      const Value* value = tags->find(tag);
      if (value && value->is_bool()) {
        (value->as_bool() ? any_on : any_off) = true;
      } else if (value) {
        warnings_.add("dependencies.go:94",
                      "Warning: Tag '" + tag + "' for chart " + dependency.name + " returned non-bool value",
                      "level=WARN msg=\"returned non-bool value\"" + log_field("tag", tag) + log_field("chart", dependency.name));
      }
    }
    dependency.enabled = any_on || !any_off;
  }

  void apply_conditions(Dependency& dependency, const Value& values, const std::string& path) {
    for (const std::string_view condition : split(trim_space(dependency.condition), ',')) {
      if (condition.empty()) continue;
      const Value* value = find_path_value(values, path + std::string(condition));
      if (!value) continue;
      if (value->is_bool()) {
        dependency.enabled = value->as_bool();
        return;
      }
      warnings_.add(
          "dependencies.go:63",
          "Warning: Condition path '" + std::string(condition) + "' for chart " + dependency.name + " returned non-bool value",
          "level=WARN msg=\"returned non-bool value\"" + log_field("path", condition) + log_field("chart", dependency.name));
    }
  }

  HelmVersion helm_;
  Warnings& warnings_;
  Coalescer coalescer_;
};

class Importer {
 public:
  Importer(Nulls nulls, HelmVersion helm, Warnings& warnings) : nulls_(nulls), warnings_(warnings), coalescer_(helm, warnings) {}

  Result<> process(Instance& chart) {
    for (const auto& sub : chart.dependencies)
      if (auto done = process(*sub); !done) return done;
    return import_into(chart);
  }

 private:
  Result<> import_into(Instance& chart) {
    if (chart.metadata.dependencies.empty()) return {};
    auto values = coalescer_.values_for(chart, {}, nulls_);
    if (!values) return std::move(values).error();
    Value imported = Value::new_map();
    for (const auto& dependency : chart.metadata.dependencies)
      if (auto done = import_from(*dependency, *values, imported); !done) return done;
    const Value own = nulls_ == Nulls::remove ? trimmed(*values) : deep_copy(*values);
    chart.values = coalescer_.merge_tables(own, imported, nulls_);
    return {};
  }

  Result<> import_from(Dependency& dependency, const Value& values, Value& imported) {
    std::vector<Value> rewritten;
    for (const Value& item : dependency.import_values) {
      std::string child, parent = ".";
      if (item.is_string()) {
        child = "exports." + std::string(item.str());
      } else if (item.is_map()) {
        auto read = read_pair(item, child, parent);
        if (!read) return read;
      } else {
        continue;
      }
      rewritten.push_back(
          Value::new_map({{"child", Value::of_string(child)}, {"parent", Value::of_string(parent)}}, MapType::strings));
      const std::string path = dependency.name + "." + child;
      if (const Value* table = find_table(values, path)) {
        imported = coalescer_.merge_tables(imported, placed(parent, *table), nulls_);
      } else {
        const std::string cause = "\"" + missing_table(values, path) + "\" is not a table";
        item.is_string() ? warnings_.add("dependencies.go:286", "Warning: ImportValues missing table: " + cause,
                                         "level=WARN msg=\"ImportValues missing table\"" + log_field("error", cause))
                         : warnings_.add("dependencies.go:269",
                                         "Warning: ImportValues missing table from chart " + dependency.name + ": " + cause,
                                         "level=WARN msg=\"ImportValues missing table from chart\"" +
                                             log_field("chart", dependency.name) + log_field("error", cause));
      }
    }
    dependency.import_values = std::move(rewritten);
    return {};
  }

  static Result<> read_pair(const Value& item, std::string& child, std::string& parent) {
    for (const auto& [name, into] : {std::pair<const char*, std::string*>{"child", &child}, {"parent", &parent}}) {
      const Value* text = item.find(name);
      if (!text || !text->is_string()) {
        return Error{Errc::invalid, std::string("import-values: ") + name + " must be a text"};  // Helm 3 panics
      }
      *into = text->str();
    }
    return {};
  }

  /// `table` at the end of `path`; "." is the root.
  static Value placed(const std::string& path, const Value& table) {
    if (path == ".") return table.map() ? table : Value::new_map();
    Value value = table;
    const auto parts = split(path, '.');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) value = Value::new_map({{*part, value}});
    return value;
  }

  static Value trimmed(const Value& value) {
    auto map = make_ref<Map>();
    for (const auto& [key, element] : *value.map())
      if (!element.is_nil()) map->set(key, element.map() ? trimmed(element) : element);
    return Value::of_map(std::move(map));
  }

  Nulls nulls_;
  Warnings& warnings_;
  Coalescer coalescer_;
};

}  // namespace

Result<> process_dependencies(Instance& root, const Value& values, Nulls nulls, HelmVersion helm, Warnings& warnings) {
  if (auto done = Enabler(helm, warnings).process(root, values, ""); !done) return done;
  return Importer(nulls, helm, warnings).process(root);
}

}  // namespace sluice::chart
