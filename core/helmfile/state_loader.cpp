#include "core/helmfile/state_loader.hpp"

#include <utility>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/parts.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/schema.hpp"

namespace sluice::helmfile {

namespace {

enum class Role { main, base };

std::string text_field(const Value& record, std::string_view name) {
  const Value* field = record.find(name);
  return field == nullptr || !field->is_string() ? "" : std::string(field->str());
}

/// `over` on top of `under`, either of which may be missing.
std::optional<Environment> merge(const std::optional<Environment>& under, const std::optional<Environment>& over) {
  if (!under) return over ? std::optional(over->copy()) : std::nullopt;
  Environment merged = under->copy();
  if (over) {
    if (!over->name.empty()) merged.name = over->name;
    if (!over->kube_context.empty()) merged.kube_context = over->kube_context;
    merge_state_values(merged.values, over->values);
    merge_state_values(merged.defaults, over->defaults);
  }
  return merged;
}

class Loader {
 public:
  Loader(Templates& templates, const StateRequest& request, std::vector<std::string>& notes)
      : templates_(templates), request_(request), notes_(notes), folder_(directory_of(request.file)) {}

  Result<std::optional<StateText>> load(const std::string& file, const std::optional<Environment>& inherited,
                                        const std::optional<Environment>& overrode, Role role) {
    auto bytes = templates_.outside().files.read(file);
    if (!bytes) return std::move(bytes).error();
    auto checked = check_raw_parts(file, *bytes);
    if (!checked) return std::move(checked).error();

    StateText state{Value::new_map(), {}, {}};
    std::optional<Environment> environment = inherited;
    for (const Part& part : split_parts(*bytes)) {
      auto text = render(file, part, environment, overrode);
      if (!text) return std::move(text).error();
      const auto context = merge(environment, overrode);
      auto spec = parse(*text, file);
      if (!spec) return std::move(spec).error();
      auto with_bases = put_on_bases(std::move(*spec), file, context, role);
      if (!with_bases) return std::move(with_bases).error();
      auto loaded = load_environment(*with_bases, context);
      if (!loaded) return std::move(loaded).error();

      override_parts(state.spec, *with_bases);
      state.environment = std::move(*loaded);
      state.values = state.environment.merged();
      environment = state.environment;
      const Value* environments = state.spec.find("environments");
      if (environments != nullptr && environments->size() > 0 && role == Role::main && request_.environment != "default" &&
          environments->find(request_.environment) == nullptr) {
        return std::optional<StateText>();
      }
    }
    const Value* environments = state.spec.find("environments");
    const bool none_defined = environments == nullptr || environments->size() == 0;
    if (none_defined && role == Role::main && !inherited && !overrode && request_.environment != "default") {
      return std::optional<StateText>();
    }
    return std::optional(std::move(state));
  }

 private:
  Result<Text> render(const std::string& file, const Part& part, const std::optional<Environment>& environment,
                      const std::optional<Environment>& overrode) {
    const auto rendered = templates_.outside().variable("HELMFILE_RENDER_YAML");
    if (extension_of(file) != ".gotmpl" && !(rendered && rendered->text == "true")) return Text(part.text);
    auto visible = merge(environment, overrode);
    if (!visible) visible = Environment{.name = request_.environment};
    const Value dot = environment_data(*visible, request_.name_space, visible->merged());
    return templates_.render(file, Text(part.text), dot, folder_);
  }

  static Result<Value> parse(const Text& text, const std::string& file) {
    KeyLines lines;
    auto documents = read_yaml_documents(text, {.duplicate_keys = true, .lines = &lines});
    if (!documents) {
      Error error = std::move(documents).error().during(file);
      if (extension_of(file) != ".gotmpl" && text.view().find("{{") != std::string_view::npos) {
        error.what += ". It has template expressions: does it lack the extension .gotmpl?";
      }
      return error;
    }
    const Value spec = Value::new_map();
    for (const Value& document : *documents) {
      // anchors share maps, and fields are given their types in place
      auto checked = conform_to_schema(document, file, lines);
      if (!checked) return std::move(checked).error();
      append_layers(spec, deep_copy(document));
    }
    return spec;
  }

  /// The bases of `spec` in order, then itself, filled up from first to last.
  Result<Value> put_on_bases(Value spec, const std::string& file, const std::optional<Environment>& context, Role role) {
    const Value* bases = spec.find("bases");
    if (bases == nullptr || bases->size() == 0) return spec;
    if (role == Role::base) {
      return Error{Errc::unsupported, file + ": a file that is a base may not have bases itself"};
    }
    const Value layers = Value::new_map();
    for (const Value& base : bases->items()) {
      std::string path = join_path(folder_, base.str());
      if (is_remote(base.str())) {
        auto fetched = fetch(templates_.outside(), std::string(base.str()));
        if (!fetched) return std::move(fetched).error().during("base of " + file);
        path = std::move(*fetched);
      }
      auto loaded = load(path, context, std::nullopt, Role::base);
      if (!loaded) return std::move(loaded).error().during("base " + std::string(base.str()) + " of " + file);
      append_layers(layers, (*loaded)->spec);
    }
    append_layers(layers, spec);
    return layers;
  }

  Result<Environment> load_environment(const Value& spec, const std::optional<Environment>& context) {
    Environment fresh{.name = request_.environment};
    const Environment visible = context ? *context : Environment{.name = request_.environment};
    const Value* environments = spec.find("environments");
    const Value* own = environments == nullptr ? nullptr : environments->find(request_.environment);
    if (own != nullptr) {
      fresh.kube_context = text_field(*own, "kubeContext");
      auto missing = parse_missing_file_handler(text_field(*own, "missingFileHandler"), request_.file);
      if (!missing) return std::move(missing).error();
      if (const Value* values = own->find("values"); values != nullptr) {
        auto precedence = parse_merge_strategy(text_field(*own, "mergeStrategy"), request_.environment);
        if (!precedence) return std::move(precedence).error();
        auto loaded = load_values_entries(templates_, *values, folder_, visible, *missing, notes_, *precedence);
        if (!loaded) return std::move(loaded).error();
        fresh.values = *loaded;
      }
      if (const Value* secrets = own->find("secrets"); secrets != nullptr) {
        auto loaded = load_secrets_entries(templates_, *secrets, folder_, *missing, notes_);
        if (!loaded) return std::move(loaded).error();
        merge_state_values(fresh.values, *loaded);
      }
    }
    Environment result = *merge(context, fresh);
    if (const Value* defaults = spec.find("values"); defaults != nullptr) {
      auto loaded = load_values_entries(templates_, *defaults, folder_, visible, MissingFile::error, notes_);
      if (!loaded) return std::move(loaded).error();
      merge_state_values(result.defaults, *loaded);
    }
    return result;
  }

  Templates& templates_;
  const StateRequest& request_;
  std::vector<std::string>& notes_;
  std::string folder_;  ///< everything is relative to it, also what bases say
};

}  // namespace

Result<std::optional<StateText>> load_state_text(Templates& templates, const StateRequest& request,
                                                 std::vector<std::string>& notes) {
  return Loader(templates, request, notes).load(request.file, request.inherited, request.override_values, Role::main);
}

}  // namespace sluice::helmfile
