#include "core/helmfile/environment.hpp"

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/schema.hpp"
#include "core/helmfile/sops.hpp"

namespace sluice::helmfile {

Value Environment::merged() const {
  const Value all = deep_copy(defaults);
  merge_state_values(all, values);
  return all;
}

Value Environment::as_template_data() const {
  return Value::new_map({{"Name", Value::of_string(name)},
                         {"KubeContext", Value::of_string(kube_context)},
                         {"Values", values},
                         {"Defaults", defaults}});
}

Environment Environment::copy() const { return {name, kube_context, deep_copy(values), deep_copy(defaults)}; }

Value environment_data(const Environment& environment, const std::string& name_space, const Value& values) {
  return Value::new_map({{"Environment", environment.as_template_data()},
                         {"Namespace", Value::of_string(name_space)},
                         {"Values", values},
                         {"StateValues", values}});
}

Result<MissingFile> parse_missing_file_handler(const std::string& text, const std::string& file) {
  if (text.empty() || text == "Error") return MissingFile::error;
  if (text == "Warn" || text == "Info" || text == "Debug") return MissingFile::note;
  return Error{Errc::invalid, "invalid missing file handler \"" + text + "\" while processing \"" + file +
                                  "\": it must be one of Error, Warn, Info, Debug"};
}

Result<std::vector<std::string>> resolve_files(const Outside& outside, const std::string& kind, const std::string& entry,
                                               const std::string& folder, MissingFile missing, std::vector<std::string>& notes) {
  if (is_remote(entry)) {
    auto path = fetch(outside, entry);
    if (!path) return std::move(path).error().during(kind + " file");
    if (outside.files.kind(*path) == FileKind::file) return std::vector<std::string>{std::move(*path)};
    return Error{Errc::not_found, kind + " file \"" + entry + "\": there is no such file"};
  }
  auto found = glob(outside.files, join_path(folder, entry));
  if (!found) return std::move(found).error().during("failed processing " + entry);
  if (!found->empty()) return found;
  if (missing == MissingFile::error) {
    return Error{Errc::not_found, kind + " file matching \"" + entry + "\" does not exist in \"" + folder + "\""};
  }
  notes.push_back("skipping missing " + kind + " file matching \"" + entry + "\"");
  return found;
}

Result<Text> render_values_file(Templates& templates, const std::string& path, const Value& dot) {
  auto bytes = templates.outside().files.read(path);
  if (!bytes) return std::move(bytes).error();
  if (extension_of(path) != ".gotmpl") return Text(*bytes);
  return templates.render(path, Text(*bytes), dot, directory_of(path));
}

namespace {

Result<Value> read_values_map(const Text& text, const std::string& path) {
  auto value = read_yaml(text);
  if (!value) return std::move(value).error().during(path);
  if (value->is_nil()) return Value::new_map();
  if (!value->is_map()) {
    return Error{Errc::invalid,
                 path + ": values must be a map, found " + std::string(value->is_list() ? "a list" : "a single value")};
  }
  return value;
}

}  // namespace

Result<Precedence> parse_merge_strategy(const std::string& text, const std::string& environment) {
  if (text.empty() || text == "override") return Precedence::last;
  if (text == "fallback") return Precedence::first;
  return Error{Errc::invalid,
               "environment \"" + environment + "\": invalid mergeStrategy \"" + text + "\" (must be \"override\" or \"fallback\")"};
}

Result<Value> load_values_entries(Templates& templates, const Value& entries, const std::string& folder,
                                  const Environment& visible, MissingFile missing, std::vector<std::string>& notes,
                                  Precedence precedence) {
  const Value result = Value::new_map();
  const auto add = precedence == Precedence::first ? fill_state_values : merge_state_values;
  const auto seen = [&] {
    if (precedence == Precedence::last) return visible.values;
    const Value all = deep_copy(result);
    merge_state_values(all, visible.merged());
    return all;
  };
  for (const Value& entry : entries.items()) {
    if (entry.is_map()) {
      add(result, entry);
      continue;
    }
    if (!entry.is_string()) {
      return Error{Errc::invalid, "unexpected type of value: " + scalar_text(entry).str() + " must be a path or a map"};
    }
    auto files = resolve_files(templates.outside(), "environment values", std::string(entry.str()), folder, missing, notes);
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      if (extension_of(file) == ".hcl") {
        return Error{Errc::unsupported, "environment values file \"" + file + "\": HCL is not supported; write it as YAML"};
      }
      auto text = render_values_file(templates, file, environment_data(visible, "", seen()));
      if (!text) return std::move(text).error().during("failed to load environment values file \"" + file + "\"");
      auto values = read_values_map(*text, file);
      if (!values) return std::move(values).error().during("failed to load environment values file \"" + file + "\"");
      add(result, *values);
    }
  }
  return result;
}

Result<Value> load_secrets_entries(Templates& templates, const Value& entries, const std::string& folder, MissingFile missing,
                                   std::vector<std::string>& notes) {
  const Value result = Value::new_map();
  for (const Value& entry : entries.items()) {
    const std::string name(entry.str());
    auto files = resolve_files(templates.outside(), "environment values", name, folder, missing, notes);
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      if (extension_of(file) == ".hcl") {
        return Error{Errc::unsupported, "environment secrets file \"" + file + "\": HCL is not supported; write it as YAML"};
      }
      auto bytes = templates.outside().files.read(file);
      if (!bytes) return std::move(bytes).error();
      auto plain = decrypt(*bytes, file, templates.outside());
      if (!plain) return std::move(plain).error().during("failed to load environment secrets file \"" + name + "\"");
      auto values = read_values_map(Text::secret(*plain), file);
      if (!values) return std::move(values).error().during("failed to load environment secrets file \"" + file + "\"");
      merge_state_values(result, *values);
    }
  }
  return result;
}

}  // namespace sluice::helmfile
