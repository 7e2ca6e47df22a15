#include "core/helmfile/release_read.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>

#include "core/helmfile/address.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/record.hpp"

namespace sluice::helmfile {

namespace {

std::string variable_or(const Outside& outside, const std::string& given, const std::string& name) {
  if (!given.empty()) return given;
  const auto variable = outside.variable(name);
  return variable ? variable->text : std::string();
}

std::size_t segments(const std::string& path) { return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1; }

bool is_local(const std::string& chart) {
  if (chart.starts_with("./") || chart.starts_with("../")) return true;
  if (chart.find("://") != std::string::npos) return false;
  return chart.empty() || chart.starts_with('/') || (segments(chart) != 2 && segments(chart) != 3);
}

/// The fields of a release, each falling back to the field of the same name in helmDefaults.
class Fields {
 public:
  Fields(const Value& record, const Value& defaults) : record_(record), defaults_(defaults) {}

  bool flag(std::string_view name, bool otherwise = false) const {
    return bool_of(record_, name, bool_of(defaults_, name, otherwise));
  }
  /// On where either says so, even where the release says false.
  bool either(std::string_view name) const { return bool_of(record_, name, false) || bool_of(defaults_, name, false); }
  std::int64_t number(std::string_view name, std::int64_t otherwise) const {
    return int_of(record_, name, int_of(defaults_, name, otherwise));
  }
  std::string text(std::string_view name) const {
    const std::string own = text_of(record_, name);
    return own.empty() ? text_of(defaults_, name) : own;
  }

 private:
  const Value& record_;
  const Value& defaults_;
};

std::chrono::seconds seconds_or_default(std::int64_t number) { return std::chrono::seconds(number == 0 ? 300 : number); }

DeployOptions read_deploy_options(const Fields& fields) {
  DeployOptions options;
  options.wait = fields.flag("wait");
  options.wait_for_jobs = fields.flag("waitForJobs");
  options.timeout = seconds_or_default(fields.number("timeout", 0));
  options.atomic = fields.flag("atomic") || fields.flag("rollbackOnFailure");  // Helm 4 has renamed it
  options.cleanup_on_fail = fields.flag("cleanupOnFail");
  options.force = fields.flag("force");
  options.recreate_pods = fields.flag("recreatePods");
  options.history_max = static_cast<int>(fields.number("historyMax", 10));
  options.create_namespace = fields.flag("createNamespace", true);
  options.reuse_values = fields.flag("reuseValues");
  options.disable_validation = fields.flag("disableValidation");
  options.disable_validation_on_install = fields.flag("disableValidationOnInstall");
  options.disable_openapi_validation = fields.flag("disableOpenAPIValidation");
  options.skip_schema_validation = fields.either("skipSchemaValidation");
  options.enable_dns = fields.flag("enableDNS");
  options.take_ownership = fields.either("takeOwnership");
  options.sync_release_labels = fields.either("syncReleaseLabels");
  options.skip_deps = fields.flag("skipDeps");
  options.suppress_diff = fields.flag("suppressDiff");
  options.delete_wait = fields.flag("deleteWait");
  options.delete_timeout = seconds_or_default(fields.number("deleteTimeout", 0));
  if (const std::string cascade = fields.text("cascade"); !cascade.empty()) options.cascade = cascade;
  options.skip_crds = fields.flag("skipCRDs");
  options.description = fields.text("description");
  options.server_side = fields.text("serverSide");
  options.track_mode = fields.text("trackMode");
  options.update_strategy = fields.text("updateStrategy");
  options.force_conflicts = fields.flag("forceConflicts");
  return options;
}

Result<> check_deploy_options(const DeployOptions& options) {
  const auto one_of = [](std::string_view name, const std::string& found, std::initializer_list<std::string_view> words) -> Result<> {
    if (found.empty() || std::find(words.begin(), words.end(), found) != words.end()) return {};
    std::string expected;
    for (const std::string_view word : words) expected += (expected.empty() ? "" : word == *(words.end() - 1) ? " or " : ", ") + std::string(word);
    return Error{Errc::invalid, std::string(name) + " must be " + expected + ", found \"" + found + "\""};
  };
  for (auto known : {one_of("cascade", options.cascade, {"background", "foreground", "orphan"}),
                     one_of("serverSide", options.server_side, {"true", "false", "auto"}),
                     one_of("trackMode", options.track_mode, {"helm", "helm-legacy", "kubedog"}),
                     one_of("updateStrategy", options.update_strategy, {"reinstallIfForbidden"})}) {
    if (!known) return known;
  }
  if (options.timeout.count() < 0 || options.delete_timeout.count() < 0)
    return Error{Errc::invalid, "a timeout must not be negative"};
  if (options.history_max < 0) return Error{Errc::invalid, "historyMax must not be negative"};
  return {};
}

Result<ChartSource> read_git_source(ChartSource source) {
  auto address = parse_git_address(source.reference);
  if (!address) return std::move(address).error().during("chart \"" + source.reference + "\"");
  source.from = ChartSource::From::git;
  source.url = std::move(address->url);
  source.path = std::move(address->path);
  source.version = std::move(address->ref);
  return source;
}

Result<ChartSource> read_chart_source(const std::string& chart, const std::string& version, const ReleaseContext& state,
                                      const std::vector<Repository>& repositories) {
  ChartSource source{.reference = chart, .version = version};
  if (is_local(chart)) {
    source.path = join_path(state.folder, chart);
    return source;
  }
  if (chart.starts_with("oci://")) {
    source.from = ChartSource::From::oci;
    source.url = chart;
    source.name = base_name(chart);
    return source;
  }
  if (chart.starts_with("git::")) return read_git_source(std::move(source));
  if (chart.find("://") != std::string::npos) {
    if (!chart.starts_with("http://") && !chart.starts_with("https://")) {
      return Error{Errc::unsupported,
                   "chart \"" + chart +
                       "\": charts come from folders, repositories of this file, oci://, http(s):// archives and git:: only"};
    }
    source.from = ChartSource::From::url;
    source.url = chart;
    return source;
  }
  const std::string repository = chart.substr(0, chart.find('/'));
  const auto found =
      std::find_if(repositories.begin(), repositories.end(), [&](const Repository& r) { return r.name == repository; });
  if (found == repositories.end()) {  // helm takes it for a folder then
    source.path = join_path(state.folder, chart);
    return source;
  }
  source.repository = repository;
  source.name = chart.substr(repository.size() + 1);
  source.from = found->oci ? ChartSource::From::oci : ChartSource::From::repository;
  source.url = found->oci ? "oci://" + found->url + "/" + source.name : found->url;
  return source;
}

/// Pins a chart of a repository to the lock file.
Result<> apply_lock(ChartSource& chart, const std::optional<Lock>& lock) {
  if (!lock || chart.repository.empty()) return {};
  auto version = locked_version(*lock, chart.name, chart.version);
  if (!version) return std::move(version).error();
  chart.version = *version;
  chart.locked = true;
  return {};
}

Labels read_labels(const Value& record, const Value& spec, const Release& release) {
  Labels labels;
  for (const Value* source : {spec.find("commonLabels"), record.find("labels")}) {
    if (source == nullptr || source->map() == nullptr) continue;
    for (const Map::Entry& entry : *source->map()) labels[entry.key.str()] = entry.value.str();
  }
  labels["name"] = release.name;
  labels["namespace"] = release.name_space;
  labels["chart"] = base_name(release.chart.reference);
  return labels;
}

}  // namespace

std::vector<Repository> read_repositories(const Value& spec, const Outside& outside, const std::string& folder) {
  std::vector<Repository> repositories;
  for (const Value& record : items_of(spec, "repositories")) {
    Repository repository{.name = text_of(record, "name"), .url = text_of(record, "url")};
    std::string prefix = repository.name;
    std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                   [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
    const auto path = [&](std::string_view name) {
      const std::string given = text_of(record, name);
      return given.empty() ? given : join_path(folder, given);
    };
    repository.oci = bool_of(record, "oci", false);
    repository.user = variable_or(outside, text_of(record, "username"), prefix + "_USERNAME");
    repository.password = Secret(variable_or(outside, text_of(record, "password"), prefix + "_PASSWORD"));
    repository.pass_credentials = bool_of(record, "passCredentials", false);
    repository.skip_tls_verify = bool_of(record, "skipTLSVerify", false);
    repository.plain_http = bool_of(record, "plainHttp", false);
    repository.ca_file = path("caFile");
    repository.certificate_file = path("certFile");
    repository.key_file = path("keyFile");
    repositories.push_back(std::move(repository));
  }
  return repositories;
}

std::vector<Hook> read_hooks(const Value& record) {
  std::vector<Hook> hooks;
  for (const Value& hook : items_of(record, "hooks")) {
    hooks.push_back({text_of(hook, "name"), texts_of(hook, "events"), text_of(hook, "command"), texts_of(hook, "args"),
                     bool_of(hook, "showlogs", false)});
    const Value* apply = hook.find("kubectlApply");
    if (apply == nullptr) continue;
    hooks.back().applies = true;
    hooks.back().apply_file = text_of(*apply, "filename");
    hooks.back().apply_kustomize = text_of(*apply, "kustomize");
  }
  return hooks;
}

Result<bool> condition_holds(const std::string& condition, const Value& values) {
  if (condition.empty()) return true;
  std::string word = condition;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "true" || word == "false") return word == "true";  // as newer helmfiles have it
  if (condition != "enabled" && !condition.ends_with(".enabled")) {
    return Error{Errc::invalid, "Condition value must be in the form 'foo.enabled' where 'foo' can be modified as necessary"};
  }
  const Value* at = &values;
  std::string path;
  for (std::size_t begin = 0, dot = condition.find('.'); dot != std::string::npos;
       begin = dot + 1, dot = condition.find('.', begin)) {
    const std::string key = condition.substr(begin, dot - begin);
    path += "." + key;
    const Value* below = at->find(key);
    if (below == nullptr) return Error{Errc::invalid, "environment values field '" + path + "' not found"};
    if (!below->is_map()) return Error{Errc::invalid, "environment values field '" + path + "' is not a map"};
    at = below;
  }
  const Value* enabled = at->find("enabled");
  return enabled != nullptr && enabled->is_bool() && enabled->as_bool();
}

Result<Release> read_release(const Value& record, const Value& spec, const ReleaseContext& state,
                             const std::vector<Repository>& repositories, const std::optional<Lock>& lock) {
  const Value none = Value::new_map();
  const Value* defaults = spec.find("helmDefaults");
  const Fields fields(record, defaults == nullptr ? none : *defaults);
  Release release;
  release.spec = record;
  release.name = text_of(record, "name");
  const std::string chart = state.chart.empty() ? text_of(record, "chart") : state.chart;
  if (chart.empty()) return Error{Errc::invalid, "encountered empty chart while reading release \"" + release.name + "\""};
  if (release.name.empty()) return Error{Errc::invalid, "a release without a name (chart \"" + chart + "\")"};
  const std::string doing = "release \"" + release.name + "\"";

  release.name_space = state.name_space.empty() ? text_of(record, "namespace") : state.name_space;
  release.kube_context = state.kube_context.empty() ? text_of(record, "kubeContext") : state.kube_context;
  release.id = release_id(release.kube_context, release.name_space, release.name);
  release.installed = bool_of(record, "installed", true);
  for (const std::string& need : texts_of(record, "needs")) {
    release.needs.push_back(need_id(need, release.kube_context, release.name_space));
  }
  // the environment's context counts last, and not for ids: as helmfile has it
  if (const Value* of_environment = state.environment.find("KubeContext");
      release.kube_context.empty() && of_environment != nullptr) {
    release.kube_context = std::string(of_environment->str());
  }
  auto source = read_chart_source(chart, text_of(record, "version"), state, repositories);
  if (!source) return std::move(source).error().during(doing);
  release.chart = std::move(*source);
  const bool is_address = release.chart.from == ChartSource::From::url || release.chart.from == ChartSource::From::git;
  if (bool_of(record, "forceGoGetter", false) && !is_address) {
    return Error{Errc::invalid, doing + ": forceGoGetter: the chart \"" + chart + "\" is no address such as git::https://host/repository@folder?ref=tag"};
  }
  release.chart.devel = fields.flag("devel");
  release.chart.plain_http = fields.either("plainHttp");
  release.chart.skip_tls_verify = fields.either("insecureSkipTLSVerify");
  for (const Value& dependency : items_of(record, "dependencies")) {
    release.chart.dependencies.push_back({text_of(dependency, "chart"), text_of(dependency, "version"), text_of(dependency, "alias")});
  }
  auto locked = apply_lock(release.chart, lock);
  if (!locked) return std::move(locked).error().during(doing);
  release.labels = read_labels(record, spec, release);
  auto enabled = condition_holds(text_of(record, "condition"), state.values);
  if (!enabled) return std::move(enabled).error().during("failed to parse condition in release " + release.name);
  release.enabled = *enabled;
  if (bool_of(record, "verify", false)) {  // by verifyTemplate: the schema lets no other through
    return Error{Errc::unsupported, doing + ": verifyTemplate asks for verify, which is not supported: sluice checks archives by "
                                            "digest (lock file or index), not by provenance file"};
  }
  if (fields.flag("atomic") && fields.flag("rollbackOnFailure")) {
    return Error{Errc::invalid, doing + ": atomic and rollbackOnFailure are mutually exclusive"};
  }
  release.deploy = read_deploy_options(fields);
  auto sensible = check_deploy_options(release.deploy);
  if (!sensible) return std::move(sensible).error().during(doing);
  release.hooks = read_hooks(record);
  release.api_versions = texts_of(record, "apiVersions");
  release.kube_version = text_of(record, "kubeVersion");
  return release;
}

}  // namespace sluice::helmfile
