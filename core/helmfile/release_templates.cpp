#include "core/helmfile/release_templates.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/helmfile.hpp"
#include "core/helmfile/record.hpp"
#include "core/helmfile/schema.hpp"

namespace sluice::helmfile {

namespace {

constexpr int max_rounds = 6;

Text trimmed(const Text& text) {
  static constexpr std::string_view blanks = " \t\n\v\f\r";
  const std::string_view bytes = text.view();
  const std::size_t begin = bytes.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, bytes.find_last_not_of(blanks) + 1);
}

class Inheritance {
 public:
  explicit Inheritance(const Value& templates) : templates_(templates) {}

  Result<Value> of(const Value& release, std::vector<std::string> path) {
    const Value merged = Value::new_map();
    for (const Value& entry : items_of(release, "inherit")) {
      const std::string name = text_of(entry, "template");
      if (name.empty()) return release;
      const bool cycle = std::find(path.begin(), path.end(), name) != path.end();
      path.push_back(name);
      if (cycle) return Error{Errc::invalid, "cyclic inheritance detected: " + joined(path)};
      const Value* found = templates_.find(name);
      if (found == nullptr) {
        return Error{Errc::invalid, "release \"" + text_of(release, "name") +
                                        "\" tried to inherit inexistent release template \"" + name + "\""};
      }
      auto source = of(*found, path);
      if (!source) return source;
      path.pop_back();
      const Value kept = deep_copy(*source);
      auto left_out = leave_out(kept, texts_of(entry, "except"));
      if (!left_out) return std::move(left_out).error();
      inherit_into(merged, kept);
    }
    inherit_into(merged, release);
    merged.map()->erase("inherit");
    return merged;
  }

 private:
  static std::string joined(const std::vector<std::string>& path) {
    std::string text;
    for (const std::string& name : path) text += (text.empty() ? "" : "->") + name;
    return text;
  }

  static Result<> leave_out(const Value& record, const std::vector<std::string>& fields) {
    static constexpr std::array<std::string_view, 7> allowed = {"labels", "values",    "valuesTemplate", "setTemplate",
                                                                "set",    "setString", "secrets"};
    for (const std::string& field : fields) {
      if (std::find(allowed.begin(), allowed.end(), field) == allowed.end()) {
        return Error{Errc::invalid,
                     "\"" + field +
                         "\" is not allowed under `inherit`. Allowed values are \"set\", \"setString\", \"setTemplate\", "
                         "\"values\", \"valuesTemplate\", \"secrets\", and \"labels\""};
      }
      record.map()->erase(field);
    }
    return {};
  }

  const Value& templates_;
};

/// One round over a release's fields.
class Round {
 public:
  Round(Templates& templates, const ReleaseContext& state, const std::string& release, Value dot)
      : templates_(templates), state_(state), release_(release), dot_(std::move(dot)) {}

  Result<> run(const Value& record) {
    for (const char* field : {"name", "chart", "namespace", "version"}) {
      auto done = field_text(record, field, true);
      if (!done) return done;
    }
    for (const char* field : {"waitTemplate", "installedTemplate", "verifyTemplate", "conditionTemplate"}) {
      auto done = field_text(record, field, false);
      if (!done) return done;
    }
    for (const char* field : {"values", "secrets", "needs"}) {
      auto done = list(record, field);
      if (!done) return done;
    }
    auto done = labels(record);
    if (!done) return done;
    done = values_template(record);
    if (!done) return done;
    return set_template(record);
  }

 private:
  Result<Text> render(const Text& text, const std::string& field) {
    if (text.view().find("{{") == std::string_view::npos) return text;
    return templates_.render(state_.file + " (release " + release_ + ", " + field + ")", text, dot_, state_.folder);
  }

  Result<> in_place(Value& value, const std::string& field, bool trim) {
    auto text = render(value.text(), field);
    if (!text) return std::move(text).error();
    value = Value::of_string(trim ? trimmed(*text) : *text);
    return {};
  }

  Result<> field_text(const Value& record, const char* field, bool trim) {
    Value* value = record.map()->find(field);
    if (value == nullptr || !value->is_string()) return {};
    return in_place(*value, field, trim);
  }

  Result<> list(const Value& record, const std::string& field) {
    const Value* values = record.find(field);
    if (values == nullptr || values->list() == nullptr) return {};
    for (std::size_t i = 0; i < values->size(); ++i) {
      Value& item = values->list()->items[i];
      if (!item.is_string()) continue;
      auto done = in_place(item, field + "[" + std::to_string(i) + "]", false);
      if (!done) return done;
    }
    return {};
  }

  Result<> labels(const Value& record) {
    const Value* labels = record.find("labels");
    if (labels == nullptr || labels->map() == nullptr) return {};
    for (Map::Entry& entry : labels->map()->mutable_entries()) {
      auto done = in_place(entry.value, "labels." + entry.key.str(), false);
      if (!done) return done;
    }
    return {};
  }

  Result<> values_template(const Value& record) {
    std::vector<Value> values;
    for (const Value& item : items_of(record, "valuesTemplate")) {
      const std::string field = "valuesTemplate[" + std::to_string(values.size()) + "]";
      Value rendered = item;
      if (item.is_map()) {
        auto text = render(write_yaml(item), field);
        if (!text) return std::move(text).error();
        auto parsed = read_yaml(*text);
        if (!parsed) return std::move(parsed).error().during(field);
        rendered = *parsed;
      } else if (item.is_string()) {
        auto done = in_place(rendered, field, false);
        if (!done) return done;
      }
      values.push_back(std::move(rendered));
    }
    return prepend(record, "values", "valuesTemplate", std::move(values));
  }

  Result<> set_template(const Value& record) {
    std::vector<Value> sets;
    for (const Value& item : items_of(record, "setTemplate")) {
      const Value set = deep_copy(item);
      const std::string place = "setTemplate[" + std::to_string(sets.size()) + "]";
      for (const char* field : {"name", "value", "file"}) {
        Value* value = set.map()->find(field);
        if (value == nullptr) continue;
        auto done = in_place(*value, place + "." + field, false);
        if (!done) return done;
      }
      auto done = list(set, "values");
      if (!done) return done;
      sets.push_back(set);
    }
    return prepend(record, "set", "setTemplate", std::move(sets));
  }

  static Result<> prepend(const Value& record, std::string_view field, std::string_view from, std::vector<Value> items) {
    if (items.empty()) return {};
    const auto rest = items_of(record, field);
    items.insert(items.end(), rest.begin(), rest.end());
    record.map()->set(Text(field), Value::new_list(std::move(items)));
    record.map()->erase(from);
    return {};
  }

  Templates& templates_;
  const ReleaseContext& state_;
  const std::string& release_;
  Value dot_;
};

/// `inherit` with the templates that every release inherits in front.
Value with_always_inherited(const Value& release, const std::vector<std::string>& always) {
  std::vector<Value> entries;
  std::vector<std::string> named;
  for (const Value& entry : items_of(release, "inherit")) named.push_back(trimmed(Text(text_of(entry, "template"))).str());
  for (const std::string& one : always) {
    const std::string name = trimmed(Text(one)).str();
    if (name.empty() || std::find(named.begin(), named.end(), name) != named.end()) continue;
    named.push_back(name);
    entries.push_back(Value::new_map({{"template", Value::of_string(name)}}));
  }
  if (entries.empty()) return release;
  for (const Value& entry : items_of(release, "inherit")) entries.push_back(entry);
  const Value all = deep_copy(release);
  all.map()->set("inherit", Value::new_list(std::move(entries)));
  return all;
}

/// "true" -> `field: true`
Result<> resolve_bool(const Value& record, std::string_view from, std::string_view field) {
  const Value* text = record.find(from);
  if (text == nullptr) return {};
  auto value = read_yaml(text->text());
  if (!value || !value->is_bool()) {
    return Error{Errc::invalid, std::string(from) + ": must become true or false, found \"" + std::string(text->str()) + "\""};
  }
  record.map()->set(Text(field), *value);
  record.map()->erase(from);
  return {};
}

}  // namespace

ReleaseContext context_of(const State& state) {
  return {.file = state.file,
          .folder = state.folder,
          .environment = state.environment_data,
          .values = state.values,
          .kube_context = state.kube_context,
          .name_space = state.name_space,
          .chart = state.chart};
}

Value record_as_seen(const State& state, const Release& release) {
  const Value record = deep_copy(release.spec);
  record.map()->set("namespace", Value::of_string(release.name_space));
  if (!state.kube_context.empty()) record.map()->set("kubeContext", Value::of_string(state.kube_context));
  Value labels = Value::new_map();
  for (const auto& [key, value] : release.labels) labels.map()->set(Text(key), Value::of_string(value));
  record.map()->set("labels", labels);
  return record;
}

Value release_data(const ReleaseContext& state, const Value& release) {
  const auto text = [&release](std::string_view name) { return Value::of_string(text_of(release, name)); };
  const Value* labels = release.find("labels");
  return Value::new_map({{"Environment", state.environment},
                         {"KubeContext", Value::of_string(state.kube_context)},
                         {"Namespace", Value::of_string(state.name_space)},
                         {"Chart", Value::of_string(state.chart)},
                         {"Values", state.values},
                         {"StateValues", state.values},
                         {"Release", Value::new_map({{"Name", text("name")},
                                                     {"Chart", text("chart")},
                                                     {"ChartVersion", text("version")},
                                                     {"Namespace", text("namespace")},
                                                     {"KubeContext", text("kubeContext")},
                                                     {"Labels", labels == nullptr ? Value::nil_map(MapType::strings)
                                                                                  : labels->with_type(MapType::strings)}})}});
}

Result<Value> inherit_templates(const Value& release, const Value& templates, const std::vector<std::string>& always) {
  auto merged = Inheritance(templates).of(with_always_inherited(release, always), {});
  if (!merged)
    return std::move(merged).error().during("unable to load release \"" + text_of(release, "name") + "\" with template");
  return merged;
}

Result<Value> execute_release_templates(Templates& templates, const ReleaseContext& state, const Value& release) {
  const std::string name = text_of(release, "name");
  const std::string doing = "failed executing templates in release \"" + state.file + "\".\"" + name + "\"";
  Value before = release;
  for (int round = 0; round < max_rounds; ++round) {
    const Value rendered = deep_copy(release);
    auto done = Round(templates, state, name, release_data(state, before)).run(rendered);
    if (!done) return std::move(done).error().during(doing);
    const bool settled = deep_equal(*release_data(state, rendered).find("Release"), *release_data(state, before).find("Release"));
    if (settled) {
      for (const auto& [from, field] :
           {std::pair("installedTemplate", "installed"), {"waitTemplate", "wait"}, {"verifyTemplate", "verify"}, {"conditionTemplate", "condition"}}) {
        auto resolved = resolve_bool(rendered, from, field);
        if (!resolved) return std::move(resolved).error().during(doing);
      }
      if (const Value* condition = rendered.find("condition"); condition != nullptr && condition->is_bool()) {
        rendered.map()->set("condition", Value::of_string(condition->as_bool() ? "true" : "false"));
      }
      return rendered;
    }
    before = rendered;
  }
  return Error{Errc::invalid, doing + ": recursive references can't be resolved"};
}

}  // namespace sluice::helmfile
