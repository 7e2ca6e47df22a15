#include "server/worker/render_messages.hpp"

#include <stdexcept>

namespace sluice::worker {

using plan::Json;

namespace {

/// Writes and reads the members of a struct in order.
template <class... Members>
Json members(const Members&... each) {
  return Json::array({Json(each)...});
}

[[noreturn]] void does_not_fit() { throw Json::type_error::create(302, "a message of another shape", nullptr); }

template <class... Members>
void read_members(const Json& wire, Members&... each) {
  if (!wire.is_array() || wire.size() != sizeof...(each)) does_not_fit();
  std::size_t index = 0;
  (wire[index++].get_to(each), ...);
}

template <class T, class Read>
std::vector<T> read_list(const Json& wire, Read read) {
  if (!wire.is_array()) does_not_fit();
  std::vector<T> list;
  list.reserve(wire.size());
  for (const Json& one : wire) list.push_back(read(one));
  return list;
}

Json to_wire(const CommandToPlan& planned);
Json to_wire(const ReleaseToPlan& release);
Json to_wire(const plan::Document& document);
Json to_wire(const plan::NewRecord::Hook& hook);
Json to_wire(const helmfile::Repository& repository);
Json to_wire(const helmfile::ChartDependency& dependency);

template <class T>
Json list_of(const std::vector<T>& list) {
  Json wire = Json::array();
  for (const T& one : list) wire.push_back(to_wire(one));
  return wire;
}

/// An enumeration whose last value is `last`.
template <class E>
E read_enum(const Json& wire, E last) {
  const int number = wire.get<int>();
  if (number < 0 || number > static_cast<int>(last)) does_not_fit();
  return static_cast<E>(number);
}

std::chrono::seconds read_seconds(const Json& wire) { return std::chrono::seconds(wire.get<std::int64_t>()); }

Json to_wire(const helmfile::Options& options) {
  const auto& [file, environment, selectors, values_files, values_set, values_set_string, name_space, context, chart, args, needs, transitive, command,
               reverse, use_lock] = options;
  static_cast<void>(args);  // of a command line, which a daemon has none of
  return members(file, environment, selectors, values_files, values_set, values_set_string, name_space, context, chart, static_cast<int>(needs),
                 transitive, command, reverse, use_lock);
}

helmfile::Options options_from_wire(const Json& wire) {
  helmfile::Options options;
  auto& [file, environment, selectors, values_files, values_set, values_set_string, name_space, context, chart, args, needs, transitive, command, reverse,
         use_lock] = options;
  static_cast<void>(args);
  int needs_number = 0;
  read_members(wire, file, environment, selectors, values_files, values_set, values_set_string, name_space, context, chart, needs_number, transitive,
               command, reverse, use_lock);
  needs = read_enum(needs_number, helmfile::NeedsRule::require);
  return options;
}

Json to_wire(const chart::Capabilities& capabilities) {
  const auto& [kube_version, api_versions] = capabilities;
  const auto& [version, major, minor, normalized] = kube_version;
  return members(version, major, minor, normalized, api_versions);
}

chart::Capabilities capabilities_from_wire(const Json& wire) {
  chart::Capabilities capabilities;
  auto& [kube_version, api_versions] = capabilities;
  auto& [version, major, minor, normalized] = kube_version;
  read_members(wire, version, major, minor, normalized, api_versions);
  return capabilities;
}

Json to_wire(const plan::PushOptions& options) {
  const auto& [wait, wait_for_jobs, atomic, cleanup_on_fail, no_hooks, wait_for_deletion, history_max, timeout, description] = options;
  return members(wait, wait_for_jobs, atomic, cleanup_on_fail, no_hooks, wait_for_deletion, history_max, timeout.count(), description);
}

plan::PushOptions push_options_from_wire(const Json& wire) {
  plan::PushOptions options;
  auto& [wait, wait_for_jobs, atomic, cleanup_on_fail, no_hooks, wait_for_deletion, history_max, timeout, description] = options;
  Json seconds;
  read_members(wire, wait, wait_for_jobs, atomic, cleanup_on_fail, no_hooks, wait_for_deletion, history_max, seconds, description);
  timeout = read_seconds(seconds);
  return options;
}

Json to_wire(const Text& text) {
  Json marks = Json::array();
  for (const Mark& mark : text.marks()) {
    marks.push_back(mark.begin);
    marks.push_back(mark.end);
  }
  return members(text.str(), marks);
}

Text text_from_wire(const Json& wire) {
  std::string bytes;
  std::vector<std::uint32_t> ends;
  read_members(wire, bytes, ends);
  if (ends.size() % 2 != 0) does_not_fit();
  Marks marks;
  for (std::size_t i = 0; i < ends.size(); i += 2) {
    const std::uint32_t before = i == 0 ? 0 : ends[i - 1];
    if (ends[i] < before || ends[i] >= ends[i + 1] || ends[i + 1] > bytes.size()) does_not_fit();
    marks.push_back({ends[i], ends[i + 1]});
  }
  return marks.empty() ? Text(bytes) : Text(bytes, std::move(marks));
}

Json to_wire(const plan::Document& document) {
  const auto& [source, text] = document;
  return members(source, to_wire(text));
}

plan::Document document_from_wire(const Json& wire) {
  plan::Document document;
  auto& [source, text] = document;
  Json marked;
  read_members(wire, source, marked);
  text = text_from_wire(marked);
  return document;
}

Json to_wire(const CommandToPlan& planned) {
  const auto& [command, shown, manifests] = planned;
  const auto& [event, name, program, arguments, arguments_on_failure, folder, show_output, apply] = command;
  if (!apply.empty()) does_not_fit();  // it is the plan that makes actions of `manifests`
  return members(event, name, program, arguments, arguments_on_failure, folder, show_output, shown, list_of(manifests));
}

CommandToPlan command_from_wire(const Json& wire) {
  CommandToPlan planned;
  auto& [command, shown, manifests] = planned;
  auto& [event, name, program, arguments, arguments_on_failure, folder, show_output, apply] = command;
  static_cast<void>(apply);
  Json of_manifests;
  read_members(wire, event, name, program, arguments, arguments_on_failure, folder, show_output, shown, of_manifests);
  manifests = read_list<plan::Document>(of_manifests, &document_from_wire);
  return planned;
}

Json to_wire(const ReleaseToPlan& release) {
  const auto& [name, name_space, group, installed, options, create_namespace, take_ownership, skip_crds, cascade, reuse_values, labels, commands, render] = release;
  static_cast<void>(render);  // stays where it is
  return members(name, name_space, group, installed, to_wire(options), create_namespace, take_ownership, skip_crds, static_cast<int>(cascade), reuse_values, labels,
                 list_of(commands));
}

ReleaseToPlan release_from_wire(const Json& wire) {
  ReleaseToPlan release;
  auto& [name, name_space, group, installed, options, create_namespace, take_ownership, skip_crds, cascade, reuse_values, labels, commands, render] = release;
  static_cast<void>(render);
  Json push, of_commands;
  int cascade_number = 0;
  read_members(wire, name, name_space, group, installed, push, create_namespace, take_ownership, skip_crds, cascade_number, reuse_values, labels, of_commands);
  cascade = read_enum(cascade_number, plan::Cascade::orphan);
  options = push_options_from_wire(push);
  commands = read_list<CommandToPlan>(of_commands, &command_from_wire);
  return release;
}

Json to_wire(const plan::NewRecord::Hook& hook) {
  const auto& [name, kind, path, manifest, events, weight, delete_policies] = hook;
  return members(name, kind, path, manifest, events, weight, delete_policies);
}

plan::NewRecord::Hook hook_from_wire(const Json& wire) {
  plan::NewRecord::Hook hook;
  auto& [name, kind, path, manifest, events, weight, delete_policies] = hook;
  read_members(wire, name, kind, path, manifest, events, weight, delete_policies);
  return hook;
}

Json to_wire(const helmfile::Repository& repository) {
  const auto& [name, url, oci, user, password, pass_credentials, skip_tls, plain_http, ca, certificate, key] = repository;
  return members(name, url, oci, user, password.reveal(), pass_credentials, skip_tls, plain_http, ca, certificate, key);
}

helmfile::Repository repository_from_wire(const Json& wire) {
  helmfile::Repository repository;
  auto& [name, url, oci, user, password, pass_credentials, skip_tls, plain_http, ca, certificate, key] = repository;
  std::string text;
  read_members(wire, name, url, oci, user, text, pass_credentials, skip_tls, plain_http, ca, certificate, key);
  password = Secret(std::move(text));
  return repository;
}

Json to_wire(const helmfile::ChartDependency& dependency) {
  const auto& [chart, version, alias] = dependency;
  return members(chart, version, alias);
}

helmfile::ChartDependency dependency_from_wire(const Json& wire) {
  helmfile::ChartDependency dependency;
  auto& [chart, version, alias] = dependency;
  read_members(wire, chart, version, alias);
  return dependency;
}

Json to_wire(const helmfile::ChartSource& chart) {
  const auto& [from, reference, path, repository, url, name, version, locked, devel, plain_http, skip_tls_verify, dependencies] = chart;
  return members(static_cast<int>(from), reference, path, repository, url, name, version, locked, devel, plain_http, skip_tls_verify,
                 list_of(dependencies));
}

helmfile::ChartSource source_from_wire(const Json& wire) {
  helmfile::ChartSource chart;
  auto& [from, reference, path, repository, url, name, version, locked, devel, plain_http, skip_tls_verify, dependencies] = chart;
  int from_number = 0;
  Json of_dependencies;
  read_members(wire, from_number, reference, path, repository, url, name, version, locked, devel, plain_http, skip_tls_verify, of_dependencies);
  dependencies = read_list<helmfile::ChartDependency>(of_dependencies, &dependency_from_wire);
  from = read_enum(from_number, helmfile::ChartSource::From::git);
  return chart;
}

}  // namespace

std::string to_frame(const Json& message) {
  std::string frame(frame_head, '\0');
  Json::to_cbor(message, frame);
  std::size_t length = frame.size() - frame_head;
  for (std::size_t i = 0; i < frame_head; ++i, length >>= 8) frame[i] = static_cast<char>(length & 0xff);
  return frame;
}

Result<std::size_t> frame_length(std::string_view head) {
  std::size_t length = 0;
  for (std::size_t i = frame_head; i-- > 0;) length = length << 8 | static_cast<unsigned char>(head[i]);
  if (length > max_frame) return Error{Errc::invalid, "a message of " + std::to_string(length) + " bytes"};
  return length;
}

Json from_frame(std::string_view bytes) { return Json::from_cbor(bytes); }

Json outcome(Json value) { return Json{{"ok", std::move(value)}}; }
Json outcome(const Error& error) { return Json{{"error", members(static_cast<int>(error.code), error.what)}}; }

Result<Json> from_outcome(const Json& message) {
  if (const auto ok = message.find("ok"); ok != message.end()) return *ok;
  Error error;
  int code = 0;
  read_members(message.at("error"), code, error.what);
  error.code = read_enum(code, Errc::unsupported);
  return error;
}

Json to_wire(const TreeInput& input) {
  const auto& [layout, options, path, values, release, name_space, context, context_namespace, capabilities] = input;
  return members(static_cast<int>(layout), to_wire(options), path, values, release, name_space, context, context_namespace, to_wire(capabilities));
}

TreeInput input_from_wire(const Json& wire) {
  TreeInput input;
  auto& [layout, options, path, values, release, name_space, context, context_namespace, capabilities] = input;
  int layout_number = 0;
  Json of_options, of_capabilities;
  read_members(wire, layout_number, of_options, path, values, release, name_space, context, context_namespace, of_capabilities);
  layout = read_enum(layout_number, config::Layout::manifests);
  options = options_from_wire(of_options);
  capabilities = capabilities_from_wire(of_capabilities);
  return input;
}

Json to_wire(const TreeContents& contents) {
  const auto& [releases, commands, notes] = contents;
  return members(list_of(releases), list_of(commands), notes);
}

TreeContents contents_from_wire(const Json& wire) {
  TreeContents contents;
  auto& [releases, commands, notes] = contents;
  Json of_releases, of_commands;
  read_members(wire, of_releases, of_commands, notes);
  releases = read_list<ReleaseToPlan>(of_releases, &release_from_wire);
  commands = read_list<CommandToPlan>(of_commands, &command_from_wire);
  return contents;
}

Json to_wire(const ReleaseFacts& facts) {
  const auto& [revision, is_upgrade, last] = facts;
  return members(revision, is_upgrade, last);
}

ReleaseFacts facts_from_wire(const Json& wire) {
  ReleaseFacts facts;
  auto& [revision, is_upgrade, last] = facts;
  read_members(wire, revision, is_upgrade, last);
  return facts;
}

Json to_wire(const RenderedRelease& rendered) {
  const auto& [chart, manifests, crds, hooks, config, chart_record, manifest, notes] = rendered;
  return members(chart, list_of(manifests), list_of(crds), list_of(hooks), config, chart_record ? chart_record() : Json(), manifest, notes);
}

RenderedRelease rendered_from_wire(const Json& wire) {
  RenderedRelease rendered;
  auto& [chart, manifests, crds, hooks, config, chart_record, manifest, notes] = rendered;
  Json of_manifests, of_crds, of_hooks, of_chart;
  read_members(wire, chart, of_manifests, of_crds, of_hooks, config, of_chart, manifest, notes);
  chart_record = [of_chart = std::move(of_chart)] { return of_chart; };
  manifests = read_list<plan::Document>(of_manifests, &document_from_wire);
  crds = read_list<plan::Document>(of_crds, &document_from_wire);
  hooks = read_list<plan::NewRecord::Hook>(of_hooks, &hook_from_wire);
  return rendered;
}

Json to_wire(const helmfile::ExecCall& call) {
  const auto& [program, arguments, directory, environment, input] = call;
  return members(program, arguments, directory, environment, input);
}

helmfile::ExecCall call_from_wire(const Json& wire) {
  helmfile::ExecCall call;
  auto& [program, arguments, directory, environment, input] = call;
  read_members(wire, program, arguments, directory, environment, input);
  return call;
}

Json to_wire(const helmfile::ExecOutput& output) {
  const auto& [exit_code, out, error_text, secret] = output;
  return members(exit_code, out, error_text, secret);
}

helmfile::ExecOutput output_from_wire(const Json& wire) {
  helmfile::ExecOutput output;
  auto& [exit_code, out, error_text, secret] = output;
  read_members(wire, exit_code, out, error_text, secret);
  return output;
}

Json to_wire(const functions::ObjectQuery& query) {
  const auto& [api_version, kind, name_space, name] = query;
  return members(api_version, kind, name_space, name);
}

functions::ObjectQuery query_from_wire(const Json& wire) {
  functions::ObjectQuery query;
  auto& [api_version, kind, name_space, name] = query;
  read_members(wire, api_version, kind, name_space, name);
  return query;
}

Json chart_question(const helmfile::State& state, const helmfile::Release& release) {
  return members(state.file, state.folder, state.lock_file, list_of(state.repositories), release.name, to_wire(release.chart), release.deploy.skip_deps);
}

ChartQuestion question_from_wire(const Json& wire) {
  ChartQuestion question;
  Json repositories, chart;
  auto& [state, release] = question;
  read_members(wire, state.file, state.folder, state.lock_file, repositories, release.name, chart, release.deploy.skip_deps);
  state.repositories = read_list<helmfile::Repository>(repositories, &repository_from_wire);
  release.chart = source_from_wire(chart);
  return question;
}

Json to_wire(const source::ObtainedChart& chart) {
  Json content = chart.archive ? Json(*chart.archive) : Json(*chart.files);
  return members(chart.version, chart.digest, chart.from, content, static_cast<int>(chart.form));
}

source::ObtainedChart chart_from_wire(const Json& wire) {
  source::ObtainedChart chart;
  Json content;
  int form = 0;
  read_members(wire, chart.version, chart.digest, chart.from, content, form);
  chart.form = read_enum(form, helmfile::ChartForm::kustomization);
  if (content.is_string()) {
    chart.archive = std::make_shared<const std::string>(std::move(content.get_ref<std::string&>()));
  } else {
    Tree files;
    for (auto& [path, bytes] : content.items()) files.emplace(path, std::move(bytes.get_ref<std::string&>()));
    chart.files = std::make_shared<const Tree>(std::move(files));
  }
  return chart;
}

}  // namespace sluice::worker
