// Commands that reach a cluster through a kubeconfig: plan, apply, destroy on a helmfile tree; list, history, rollback and
// get on Helm's release records.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/chart/reuse.hpp"
#include "core/value/json.hpp"
#include "core/value/yaml.hpp"
#include "server/app/cli.hpp"
#include "server/app/cluster_run.hpp"
#include "server/app/local_kubectl.hpp"
#include "server/app/release_records.hpp"
#include "server/app/release_tables.hpp"
#include "server/app/tree_flags.hpp"
#include "server/base/files.hpp"
#include "server/base/random.hpp"
#include "server/source/local.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/push.hpp"
#include "server/worker/records.hpp"
#include "server/worker/tree.hpp"

namespace sluice::app {

namespace asio = boost::asio;
using plan::Json;

namespace {

constexpr std::size_t max_plan_file = std::size_t{256} << 20;

int failed(const Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  return 1;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

plan::Colour colour(const std::string& wanted) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return wanted == "always" || (wanted == "auto" && terminal) ? plan::Colour::yes : plan::Colour::no;
}

Secret mask_key() { return Secret(random_bytes(32)); }

struct PlanFlags : TreeFlags, ClusterFlags {
  bool detailed_exitcode = false, interactive = false;
  std::string out, plan, output = "text", colours = "auto";
  std::size_t context = 3;
};

void add_plan_flags(CLI::App& command, PlanFlags& flags) {
  add_tree_flags(command, flags);
  command.add_option("--kubeconfig", flags.kubeconfig, "kubeconfig (default: KUBECONFIG, then ~/.kube/config)");
  command.add_flag("--detailed-exitcode", flags.detailed_exitcode, "exit with 2 when there are changes");
  command.add_option("-o,--output", flags.output, "text or json")->check(CLI::IsMember({"text", "json"}));
  command.add_option("--color", flags.colours, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
  command.add_option("--context", flags.context, "unchanged lines shown around a change");
}

enum class Direction { apply, destroy };
enum class LastStep { plan, push };

/// What the worker wants to know about a tree that a person has at hand.
Result<worker::TreeRequest> tree_request(const PlanFlags& flags, Direction direction) {
  auto options = to_options(flags);
  if (!options) return std::move(options).error();
  auto charts = to_charts_options(flags);
  if (!charts) return std::move(charts).error();
  worker::TreeRequest request;
  request.options = std::move(*options);
  request.options.reverse = direction == Direction::destroy;
  request.options.command = direction == Direction::destroy ? "destroy" : "apply";
  request.outside = to_outside(flags, nullptr);
  request.charts = std::move(*charts);
  request.world = source::local_functions();
  request.world.host_by_name = source::host_by_name;
  stand_in_for_kubectl(request);
  return request;
}

asio::awaitable<Result<worker::Planned>> plan_tree(ClusterRun& run, worker::TreeRequest request, const PlanFlags& flags,
                                                   Direction direction, LastStep last_step) {
  auto tree = co_await worker::Tree::load(run.cluster(), std::move(request), run.thread());
  if (!tree) co_return std::move(tree).error();
  for (const auto& note : (*tree)->notes()) {
    if (!flags.quiet) std::fprintf(stderr, "%s\n", note.c_str());
  }
  worker::PlanRequest wanted;
  wanted.environment = flags.environment;
  wanted.releases = (*tree)->releases();
  wanted.commands = (*tree)->commands();
  wanted.mask_key = mask_key();
  if (direction == Direction::destroy) {
    for (auto& release : wanted.releases) release.installed = false;
  }
  auto planned = co_await worker::make_plan(run.cluster(), std::move(wanted));
  if (!planned) co_return std::move(planned).error();
  auto inputs = co_await (*tree)->inputs();
  if (!inputs) co_return std::move(inputs).error();
  planned->plan.inputs = std::move(*inputs);
  if (!planned->plan.has_changes() || last_step == LastStep::plan) {
    auto cleaned = co_await (*tree)->clean_up();
    if (!cleaned) co_return std::move(cleaned).error();
  }
  co_return planned;
}

void show(const worker::Planned& planned, const PlanFlags& flags) {
  if (flags.output == "json") {
    print(plan::to_json(planned.diff).dump(2) + "\n");
    return;
  }
  plan::TextOptions options;
  options.colour = colour(flags.colours);
  options.context = flags.context;
  print(plan::to_text(planned.diff, options));
}

int plan_command(const PlanFlags& flags, Direction direction) {
  auto request = tree_request(flags, direction);
  if (!request) return failed(request.error());
  auto run = ClusterRun::make(flags.kubeconfig, flags.kube_context);
  if (!run) return failed(run.error());
  auto planned = (*run)->wait_for(plan_tree(**run, std::move(*request), flags, direction, LastStep::plan));
  if (!planned) return failed(planned.error());
  show(*planned, flags);
  if (!flags.out.empty()) {
    const auto text = plan::to_text(planned->plan);
    if (auto written = write_file(flags.out, text, 0600); !written) return failed(written.error());
    std::fprintf(stderr, "plan %s written to %s (it holds secret values)\n", plan::digest_of_text(text).substr(0, 8).c_str(),
                 flags.out.c_str());
  }
  return flags.detailed_exitcode && planned->plan.has_changes() ? 2 : 0;
}

void follow(const worker::Note& note) {
  if (note.level == worker::Note::Level::evidence) return;  // the report at the end has it
  const char* mark = note.level == worker::Note::Level::info      ? ""
                     : note.level == worker::Note::Level::warning ? "warning: "
                                                                  : "error: ";
  std::fprintf(stderr, "%s%s%s%s\n", note.release.c_str(), note.release.empty() ? "" : ": ", mark, printable(note.text).c_str());
}

int report(const worker::Outcome& outcome, bool detailed) {
  bool changed = false;
  for (const auto& release : outcome.releases) {
    changed = changed || !release.changed.empty();
    if (release.result == worker::ReleaseResult::unchanged) continue;
    std::string line = release.namespace_ + "/" + release.name + ": " + std::string(to_string(release.result));
    if (release.revision > 0) line += ", revision " + std::to_string(release.revision);
    print(line + "\n");
    if (!release.error.empty()) print("  " + printable(release.error) + "\n");
    for (const auto& text : release.evidence) print("  " + printable(text) + "\n");
  }
  if (!outcome.error.empty()) std::fprintf(stderr, "Error: %s\n", outcome.error.c_str());
  if (!outcome.succeeded()) return 1;
  return detailed && changed ? 2 : 0;
}

/// A hook of the tree, run as the user could by hand.
asio::awaitable<Result<worker::CommandOutput>> run_command(ClusterRun& run, plan::Command command, std::string kubeconfig) {
  helmfile::ExecCall call;
  call.program = command.program;
  call.arguments = command.arguments;
  call.directory = command.folder;
  if (!kubeconfig.empty()) call.environment["KUBECONFIG"] = std::filesystem::absolute(kubeconfig);
  auto work = [call] { return source::local_outside(nullptr).exec(call); };
  auto output = co_await on(run.thread(), std::move(work));
  if (!output) co_return std::move(output).error();
  co_return worker::CommandOutput{output->exit_code, std::move(output->out), std::move(output->error_text)};
}

int push_plan(ClusterRun& run, plan::Plan plan, const PlanFlags& flags) {
  worker::PushRequest request;
  request.plan = std::move(plan);
  request.run = [&run, kubeconfig = flags.kubeconfig](plan::Command command) { return run_command(run, std::move(command), kubeconfig); };
  if (!flags.quiet) request.note = follow;
  request.concurrency = flags.concurrency > 0 ? flags.concurrency : std::numeric_limits<int>::max();
  auto outcome = run.wait_for(worker::push(run.cluster(), std::move(request)));
  if (!outcome) return failed(outcome.error());
  return report(*outcome, flags.detailed_exitcode);
}

bool is_agreed() {
  std::fprintf(stderr, "Do you really want to apply? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

int apply_command(const PlanFlags& flags, Direction direction) {
  auto run = ClusterRun::make(flags.kubeconfig, flags.kube_context);
  if (!run) return failed(run.error());
  if (!flags.plan.empty()) {
    auto text = read_file(flags.plan, max_plan_file);
    if (!text) return failed(text.error());
    auto plan = plan::read_plan(*text);
    if (!plan) return failed(plan.error());
    return push_plan(**run, std::move(*plan), flags);
  }
  auto request = tree_request(flags, direction);
  if (!request) return failed(request.error());
  auto planned = (*run)->wait_for(plan_tree(**run, std::move(*request), flags, direction, LastStep::push));
  if (!planned) return failed(planned.error());
  show(*planned, flags);
  if (!planned->plan.has_changes()) return 0;
  if (flags.interactive && !is_agreed()) return 0;
  return push_plan(**run, std::move(planned->plan), flags);
}

struct ReleaseFlags : ClusterFlags {
  std::string namespace_, context, name, output = "table", filter;
  bool all_namespaces = false, all = false, all_values = false, quiet = false, dry_run = false, wait = false, no_hooks = false;
  std::vector<std::string> statuses;
  int revision = 0, max = 256;
  std::string timeout = "5m0s";
};

std::string namespace_of(const ReleaseFlags& flags, ClusterRun& run) {
  return flags.namespace_.empty() ? run.cluster().access().namespace_ : flags.namespace_;
}

int list_command(const ReleaseFlags& flags) {
  auto run = ClusterRun::make(flags.kubeconfig, flags.context);
  if (!run) return failed(run.error());
  auto heads = (*run)->wait_for(worker::list_records((*run)->cluster(), flags.all_namespaces ? "" : namespace_of(flags, **run)));
  if (!heads) return failed(heads.error());
  auto newest = newest_of(*heads, flags.all ? std::vector<std::string>{} : flags.statuses, flags.filter);
  if (!newest) return failed(newest.error());
  auto records = (*run)->wait_for(read_records((*run)->cluster(), std::move(*newest)));
  if (!records) return failed(records.error());
  print(list_table(*records, flags.output, flags.quiet));
  return 0;
}

int history_command(const ReleaseFlags& flags) {
  auto run = ClusterRun::make(flags.kubeconfig, flags.context);
  if (!run) return failed(run.error());
  const auto ns = namespace_of(flags, **run);
  auto heads = (*run)->wait_for(worker::list_records((*run)->cluster(), ns));
  if (!heads) return failed(heads.error());
  auto history = worker::history_of(*heads, flags.name, ns);
  if (history.revisions.empty()) return failed({Errc::not_found, "release: not found"});
  const auto surplus = static_cast<long>(history.revisions.size()) - flags.max;
  if (surplus > 0) history.revisions.erase(history.revisions.begin(), history.revisions.begin() + surplus);
  auto records = (*run)->wait_for(read_records((*run)->cluster(), std::move(history.revisions)));
  if (!records) return failed(records.error());
  print(history_table(*records, flags.output));
  return 0;
}

int with_record(const ReleaseFlags& flags, const std::function<int(const Json&)>& show_record,
                plan::RecordParts parts = plan::RecordParts::without_chart_content) {
  auto run = ClusterRun::make(flags.kubeconfig, flags.context);
  if (!run) return failed(run.error());
  auto record = read_record(**run, {namespace_of(flags, **run), flags.name, flags.revision, parts});
  if (!record) return failed(record.error());
  return show_record(*record);
}

Result<std::string> yaml_of(const Json& values) {
  if (values.is_null()) return std::string("null");
  auto value = read_json(plan::to_text(values), {.numbers = Numbers::typed});
  if (!value) return std::move(value).error();
  auto text = to_yaml(*value);
  if (!text) return std::move(text).error();
  return text->str();
}

Json given_values(const Json& record) {
  const Json* config = plan::find(record, "config");
  return config ? *config : Json();
}

/// The same over the chart's own. Needs a record with the chart's contents.
Result<Json> computed_values(const Json& record) {
  const Json* of_chart = plan::find_path(record, "chart/values");
  auto values = read_json(of_chart ? plan::to_text(*of_chart) : "{}", {.target = JsonTarget::map});
  if (!values) return std::move(values).error();
  auto config = read_json(plan::to_text(given_values(record)), {.target = JsonTarget::map});
  if (!config) return std::move(config).error();
  auto computed = chart::computed_values({plan::text_at(record, "chart/metadata/name"), std::move(*values), std::move(*config)});
  if (!computed) return std::move(computed).error();
  return plan::from_value(*computed);
}

int show_values(const Json& record, const ReleaseFlags& flags) {
  auto values = flags.all_values ? computed_values(record) : Result<Json>(given_values(record));
  if (!values) return failed(values.error());
  if (flags.output == "json") {
    print(plan::to_text(*values) + "\n");
    return 0;
  }
  auto yaml = yaml_of(*values);
  if (!yaml) return failed(yaml.error());
  const char* head = flags.output != "table" ? "" : flags.all_values ? "COMPUTED VALUES:\n" : "USER-SUPPLIED VALUES:\n";
  print(head + *yaml + "\n");
  return 0;
}

int show_all(const Json& record) {
  auto given = yaml_of(given_values(record));
  if (!given) return failed(given.error());
  auto values = computed_values(record);
  if (!values) return failed(values.error());
  auto computed = yaml_of(*values);
  if (!computed) return failed(computed.error());
  print(all_text(record, *given, *computed));
  return 0;
}

int rollback_command(const ReleaseFlags& flags) {
  auto timeout = parse_duration(flags.timeout);
  if (!timeout) return failed(timeout.error());
  auto run = ClusterRun::make(flags.kubeconfig, flags.context);
  if (!run) return failed(run.error());
  plan::PushOptions options;
  options.wait = flags.wait;
  options.no_hooks = flags.no_hooks;
  options.timeout = *timeout;
  auto planned = (*run)->wait_for(
      worker::plan_rollback((*run)->cluster(), {flags.name, namespace_of(flags, **run), flags.revision, options, mask_key()}));
  if (!planned) return failed(planned.error());
  plan::TextOptions text;
  text.colour = colour("auto");
  print(plan::to_text(planned->diff, text));
  if (flags.dry_run) return 0;
  PlanFlags push;
  push.quiet = flags.quiet;
  return push_plan(**run, std::move(planned->plan), push);
}

void add_release_flags(CLI::App& command, ReleaseFlags& flags) {
  command.add_option("-n,--namespace", flags.namespace_, "namespace of the release (default: that of the kubeconfig's context)");
  command.add_option("--kubeconfig", flags.kubeconfig, "kubeconfig (default: KUBECONFIG, then ~/.kube/config)");
  command.add_option("--kube-context", flags.context, "context of the kubeconfig");
}

void add_tree_commands(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<PlanFlags>();
  CLI::App* command = app.add_subcommand("plan", "show what would change in the cluster, writing nothing")->alias("diff");
  add_plan_flags(*command, *flags);
  command->add_option("--out", flags->out, "write the plan to a file, for `apply --plan`");
  command->callback([flags, &exit_code] { exit_code = plan_command(*flags, Direction::apply); });

  flags = std::make_shared<PlanFlags>();
  command = app.add_subcommand("apply", "plan, show and push; unchanged releases are not touched");
  add_plan_flags(*command, *flags);
  command->add_option("--plan", flags->plan, "push exactly the plan in this file, if the cluster is still as it was");
  command->add_flag("-i,--interactive", flags->interactive, "ask before anything is written");
  command->callback([flags, &exit_code] { exit_code = apply_command(*flags, Direction::apply); });

  flags = std::make_shared<PlanFlags>();
  command = app.add_subcommand("destroy", "uninstall the releases of a helmfile, those that need others first");
  add_plan_flags(*command, *flags);
  command->add_flag("-i,--interactive", flags->interactive, "ask before anything is deleted");
  command->callback([flags, &exit_code] { exit_code = apply_command(*flags, Direction::destroy); });
}

void add_list_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ReleaseFlags>();
  CLI::App* command = app.add_subcommand("list", "list Helm releases")->alias("ls");
  add_release_flags(*command, *flags);
  command->add_flag("-A,--all-namespaces", flags->all_namespaces, "of every namespace");
  command->add_flag("-a,--all", flags->all, "of every status (default: deployed and failed)");
  for (const char* status : {"deployed", "failed", "pending", "superseded", "uninstalled", "uninstalling"})
    command->add_flag_callback(
        std::string("--") + status, [flags, status] { flags->statuses.emplace_back(status); },
        std::string("those that are ") + status);
  command->add_option("--filter", flags->filter, "a regular expression that names must match");
  command->add_flag("-q,--short", flags->quiet, "names only");
  command->add_option("-o,--output", flags->output, "table, json or yaml")->check(CLI::IsMember({"table", "json", "yaml"}));
  command->callback([flags, &exit_code] {
    if (flags->statuses.empty()) flags->statuses = {"deployed", "failed"};
    exit_code = list_command(*flags);
  });
}

void add_record_commands(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ReleaseFlags>();
  CLI::App* command = app.add_subcommand("history", "list the revisions of a release");
  add_release_flags(*command, *flags);
  command->add_option("RELEASE", flags->name)->required();
  command->add_option("--max", flags->max, "at most so many of the newest");
  command->add_option("-o,--output", flags->output, "table, json or yaml")->check(CLI::IsMember({"table", "json", "yaml"}));
  command->callback([flags, &exit_code] { exit_code = history_command(*flags); });

  flags = std::make_shared<ReleaseFlags>();
  command = app.add_subcommand("rollback", "take a release back to an earlier revision (default: the one before)");
  add_release_flags(*command, *flags);
  command->add_option("RELEASE", flags->name)->required();
  command->add_option("REVISION", flags->revision);
  command->add_flag("--wait", flags->wait, "until everything is ready");
  command->add_flag("-q,--quiet", flags->quiet, "no progress");
  command->add_flag("--no-hooks", flags->no_hooks, "run no hooks");
  command->add_flag("--dry-run", flags->dry_run, "only show what would change");
  command->add_option("--timeout", flags->timeout, "for each hook, and for waiting");
  command->callback([flags, &exit_code] { exit_code = rollback_command(*flags); });
}

void add_get_commands(CLI::App& app, int& exit_code) {
  CLI::App* get = app.add_subcommand("get", "print a part of a release record")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, std::function<int(const Json&, const ReleaseFlags&)> show_record) {
    auto flags = std::make_shared<ReleaseFlags>();
    CLI::App* command = get->add_subcommand(name, help);
    add_release_flags(*command, *flags);
    command->add_option("RELEASE", flags->name)->required();
    command->add_option("--revision", flags->revision, "of this revision (default: the newest)");
    if (std::string_view(name) == "values")
      command->add_option("-o,--output", flags->output, "table, json or yaml")->check(CLI::IsMember({"table", "json", "yaml"}));
    if (std::string_view(name) == "values") command->add_flag("-a,--all", flags->all_values, "also the chart's own");
    const bool wants_chart = std::string_view(name) == "all";
    command->callback([flags, &exit_code, show_record, wants_chart] {
      const auto parts = wants_chart || flags->all_values ? plan::RecordParts::all : plan::RecordParts::without_chart_content;
      exit_code = with_record(*flags, [&](const Json& record) { return show_record(record, *flags); }, parts);
    });
  };
  add("all", "everything in it", [](const Json& record, const ReleaseFlags&) { return show_all(record); });
  add("manifest", "its manifest", [](const Json& record, const ReleaseFlags&) {
    print(plan::text_at(record, "manifest") + "\n");
    return 0;
  });
  add("values", "the values it was given",
      [](const Json& record, const ReleaseFlags& flags) { return show_values(record, flags); });
  add("notes", "its notes", [](const Json& record, const ReleaseFlags&) {
    if (const auto notes = plan::text_at(record, "info/notes"); !notes.empty()) print("NOTES:\n" + notes + "\n");
    return 0;
  });
  add("hooks", "its hooks", [](const Json& record, const ReleaseFlags&) {
    print(hooks_text(record));
    return 0;
  });
}

}  // namespace

void add_release_commands(CLI::App& app, int& exit_code) {
  add_tree_commands(app, exit_code);
  add_list_command(app, exit_code);
  add_record_commands(app, exit_code);
  add_get_commands(app, exit_code);
}

}  // namespace sluice::app
