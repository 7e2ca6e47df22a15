// One release of a chart: dependencies, values, schema, templates, manifests. Follows Helm, action.Install as `helm template`
// runs it, and pkg/engine.

#include <algorithm>
#include <map>

#include "core/chart/coalesce.hpp"
#include "core/chart/context.hpp"
#include "core/chart/dependencies.hpp"
#include "core/chart/instance.hpp"
#include "core/chart/manifests.hpp"
#include "core/chart/parsed_templates.hpp"
#include "core/chart/schema.hpp"
#include "core/chart/warnings.hpp"
#include "core/functions/functions.hpp"
#include "core/functions/semver.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "core/value/text.hpp"
#include "core/value/walk.hpp"

namespace sluice::chart {

namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// A template with what it sees.
struct Item {
  const File* file = nullptr;
  Value context;
  std::string base_path;  ///< "chart/templates"
};

MapType values_type(HelmVersion helm) { return helm == HelmVersion::v3 ? MapType::values : MapType::common_values; }

class Collector {
 public:
  Collector(const RenderRequest& request, const Value& release)
      : helm_(request.helm),
        values_type_(values_type(request.helm)),
        release_(release),
        capabilities_(make_capabilities(request.capabilities, request.helm)) {}

  /// The context of `instance`; its templates and those below it go into `items`.
  Value collect(const Instance& instance, const Value& values) {
    const Value subcharts = Value::new_map();
    Value context = Value::new_map({{"Chart", make_chart_object(instance, helm_)},
                                    {"Files", make_files(*instance.chart)},
                                    {"Release", release_},
                                    {"Capabilities", capabilities_},
                                    {"Values", values.with_type(values_type_)},
                                    {"Subcharts", subcharts}},
                                   values_type_);
    for (const auto& child : instance.dependencies) {
      const Value* table = find_table(values, child->name());
      const Value below = table && table->map() ? *table : Value::new_map();
      subcharts.map()->set(child->name(), collect(*child, below).with_type(MapType::any));
    }
    const std::string path = instance.full_path();
    for (const File& file : instance.chart->templates) {
      if (instance.metadata.is_library() && !base_name(file.name).starts_with('_')) continue;
      items[path + "/" + file.name] = {&file, context, path + "/templates"};
    }
    return context;
  }

  std::map<std::string, Item> items;

 private:
  HelmVersion helm_;
  MapType values_type_;
  Value release_, capabilities_;
};

/// Deepest path first, then names descending: the order of both parsing and executing, in which the last definition of a name
/// wins.
std::vector<std::pair<std::string, const Item*>> in_order(const std::map<std::string, Item>& items) {
  std::vector<std::pair<std::string, const Item*>> order;
  for (const auto& [name, item] : items) order.emplace_back(name, &item);
  const auto depth = [](const std::string& name) { return std::count(name.begin(), name.end(), '/'); };
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    const auto x = depth(a.first), y = depth(b.first);
    return x != y ? x > y : a.first > b.first;
  });
  return order;
}

Value release_object(const RenderRequest& request) {
  const bool lints = request.linting == Linting::yes;
  return Value::new_map({{"Name", Value::of_string(request.release)},
                         {"Namespace", Value::of_string(request.namespace_)},
                         {"IsUpgrade", Value::of_bool(!lints && request.is_upgrade)},
                         {"IsInstall", Value::of_bool(!lints && !request.is_upgrade)},
                         {"Revision", Value::of_int(request.revision)},
                         {"Service", Value::of_string("Helm")}});
}

class Release {
 public:
  Release(const Chart& chart, const RenderRequest& request, RenderLog& log)
      : chart_(chart), request_(request), log_(log), warnings_(request.helm, log.warnings), root_(instantiate(chart)) {}

  Result<Rendered> render() {
    if (auto done = prepare(); !done) return std::move(done).error();
    log_.reached_templates = true;
    if (auto done = check_kube_version(); !done) return std::move(done).error();
    auto files = execute_templates();
    if (!files) return std::move(files).error();
    auto manifests = take_notes(*std::move(files));
    if (auto done = sort_manifests(std::move(manifests), request_.helm, rendered_, warnings_); !done)
      return std::move(done).error();
    collect_crds(*root_);
    rendered_.metadata = root_->metadata;
    rendered_.chart_values = root_->values;
    return std::move(rendered_);
  }

  /// The output of all templates that are no partials, in the order of execution.
  Result<std::vector<RenderedFile>> render_files() {
    if (auto done = prepare(); !done) return std::move(done).error();
    return execute_templates();
  }

 private:
  bool lints() const { return request_.linting == Linting::yes; }

  Result<> prepare() {
    if (!lints()) {
      if (auto done = check_release_name(request_.release); !done)
        return log_refused("release name check failed", std::move(done).error());
    }
    if (auto done = process_dependencies(*root_, request_.values, Nulls::keep, request_.helm, warnings_); !done) {
      return log_refused("chart dependencies processing failed", std::move(done).error());
    }
    Coalescer coalescer(request_.helm, warnings_);
    auto values = coalescer.values_for(*root_, request_.values, Nulls::remove);
    if (values && lints()) values = coalescer.values_for(*root_, *values, Nulls::remove);  // linting does it twice
    if (!values) return std::move(values).error();
    rendered_.values = *std::move(values);
    log_.reached_values = true;
    if (request_.skip_schema) return {};
    return check_schemas(*root_, rendered_.values, request_.helm, request_.outside ? request_.outside->schema : SchemaFetch());
  }

  /// Helm 4 says what it was doing, and logs the error as well.
  Error log_refused(std::string_view doing, Error error) {
    if (request_.helm == HelmVersion::v3) return error;
    log_.warnings.push_back("level=ERROR" + log_field("msg", doing) + log_field("error", error.what));
    return std::move(error).during(doing);
  }

  Result<> check_kube_version() {
    const std::string& wanted = root_->metadata.kube_version;
    if (wanted.empty()) return {};
    const KubeVersion& actual = request_.capabilities.kube_version;
    const bool is_v3 = request_.helm == HelmVersion::v3;
    const auto rules = is_v3 ? functions::SemverRules::helm3 : functions::SemverRules::helm4;
    const auto version = functions::parse_version(is_v3 ? actual.version : actual.normalized, rules);
    const auto constraint = functions::Constraint::parse(wanted, rules);
    if (version && constraint && constraint->admits(*version)) return {};
    return Error{Errc::invalid,
                 "chart requires kubeVersion: " + wanted + " which is incompatible with Kubernetes " + actual.version};
  }

  Result<std::vector<RenderedFile>> execute_templates() {
    Collector collector(request_, release_object(request_));
    collector.collect(*root_, rendered_.values);
    const auto order = in_order(collector.items);

    const auto helm = request_.helm == HelmVersion::v3 ? functions::Helm::v3 : functions::Helm::v4;
    const gotemplate::FunctionTable& table = functions::helm_functions(helm);
    gotemplate::TemplateSet set("gotpl", table);
    if (!chart_.parsed) chart_.parsed = std::make_shared<ParsedTemplates>();
    for (const auto& [name, item] : order) {
      auto tree = chart_.parsed->get(*item->file, name, table);
      if (!tree) return std::move(tree).error();
      set.add(*std::move(tree));
    }

    functions::FunctionHost host;
    host.outside = request_.outside;
    host.lint = lints();
    host.warn = [this](std::string_view place, const std::string& text) { warnings_.add(place, text); };
    gotemplate::Options options;
    options.errors = request_.helm == HelmVersion::v3 ? gotemplate::ErrorForm::helm3 : gotemplate::ErrorForm::helm4;
    options.host = &host;
    if (request_.strict) options.missing_key = gotemplate::MissingKey::error;
    options.has_secrets = has_marks(rendered_.values);
    options.wants_source_map = request_.wants_source_map;
    options.output_may_wait = !request_.wants_source_map;
    if (request_.wants_source_map) add_paths(rendered_.values, {});
    options.budget.steps = request_.max_steps;
    options.budget.output = request_.max_output;
    options.budget.stop = request_.stop;
    gotemplate::Renderer renderer(set, options);

    std::vector<RenderedFile> files;
    for (const auto& [name, item] : order) {
      if (base_name(name).starts_with('_')) continue;
      item->context.map()->set("Template",
                               Value::new_map({{"Name", Value::of_string(name)}, {"BasePath", Value::of_string(item->base_path)}},
                                              values_type(request_.helm)));
      auto text = renderer.execute(name, item->context);
      if (!text) return std::move(text).error();
      if (request_.wants_source_map) {
        gotemplate::SourceMap spans = renderer.source_map();
        const Text kept = gotemplate::without_no_value(*text, spans);
        files.push_back({name, kept, std::make_shared<gotemplate::TracedText>(kept, std::move(spans))});
      } else {
        files.push_back({name, *text});
      }
    }
    if (!request_.wants_source_map)
      if (auto made = finish_texts(files); !made) return std::move(made).error();
    return files;
  }

  /// Computes what was put off until all templates are through.
  Result<> finish_texts(std::vector<RenderedFile>& files) {
    for (RenderedFile& file : files) {
      try {
        file.text = gotemplate::without_no_value(file.text);
      } catch (const NotMade& problem) {
        return Error{Errc::invalid, problem.what()};
      }
    }
    return {};
  }

  void add_paths(const Value& value, std::vector<std::string> path) {
    if (!value.list() && !value.map()) return;
    rendered_.value_paths.emplace(value.identity(), path);
    const auto add = [&](std::string step, const Value& element) {
      path.push_back(std::move(step));
      add_paths(element, path);
      path.pop_back();
    };
    for (std::size_t i = 0; i < value.items().size(); ++i) add("[" + std::to_string(i) + "]", value.items()[i]);
    if (value.map())
      for (const auto& [key, element] : *value.map()) add(key.str(), element);
  }

  /// Takes what is no manifest out of `files`.
  std::vector<RenderedFile> take_notes(std::vector<RenderedFile> files) {
    constexpr std::string_view suffix = "NOTES.txt";
    const std::string own = root_->name() + "/templates/" + std::string(suffix);
    std::vector<RenderedFile> manifests;
    TextBuilder notes;
    std::sort(files.begin(), files.end(), [](const RenderedFile& a, const RenderedFile& b) { return a.name < b.name; });
    for (RenderedFile& file : files) {
      if (!file.name.ends_with(suffix)) {
        manifests.push_back(std::move(file));
      } else if (request_.subchart_notes || file.name == own) {
        if (!notes.empty()) notes.append('\n');
        notes.append(file.text);
      }
    }
    rendered_.notes = notes.finish();
    return manifests;
  }

  void collect_crds(const Instance& instance) {
    for (const File& file : instance.chart->files) {
      if (!file.name.starts_with("crds/") || !has_manifest_extension(file.name)) continue;
      auto owner = instance.chart->weak_from_this().lock();
      rendered_.crds.push_back(
          {instance.full_path() + "/" + file.name, owner ? std::shared_ptr<const std::string>(std::move(owner), &file.data)
                                                         : std::make_shared<const std::string>(file.data)});
    }
    for (const auto& dependency : instance.dependencies) collect_crds(*dependency);
  }

  static bool has_manifest_extension(std::string_view name) {
    std::string extension(name.substr(std::min(name.rfind('.'), name.size())));
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return extension == ".yaml" || extension == ".yml" || extension == ".json";
  }

  const Chart& chart_;
  const RenderRequest& request_;
  RenderLog& log_;
  Warnings warnings_;
  std::shared_ptr<Instance> root_;
  Rendered rendered_;
};

}  // namespace

Result<Rendered> render(const Chart& chart, const RenderRequest& request) {
  RenderLog unseen;
  return Release(chart, request, request.log ? *request.log : unseen).render();
}

Result<std::vector<RenderedFile>> render_files(const Chart& chart, const RenderRequest& request) {
  RenderLog unseen;
  return Release(chart, request, request.log ? *request.log : unseen).render_files();
}

}  // namespace sluice::chart
