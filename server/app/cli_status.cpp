// status: the state of one release, or of every release of a helmfile tree, as the release records tell it.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/app/cli.hpp"
#include "server/app/client_text.hpp"
#include "server/app/release_records.hpp"
#include "server/app/release_tables.hpp"
#include "server/app/tree_jobs.hpp"
#include "server/worker/records.hpp"

namespace sluice::app {

namespace asio = boost::asio;
using plan::Json;

namespace {

struct StatusFlags : TreeFlags, ClusterFlags {
  std::string release, output = "text";
  int revision = 0;
  bool show_description = false;
};

int failed(const Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  return 1;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int print_formatted(const Json& json, const std::string& output) {
  auto text = formatted(json, output);
  if (!text) return failed(text.error());
  print(*text);
  return 0;
}

int release_status(const StatusFlags& flags) {
  auto run = ClusterRun::make(flags.kubeconfig, flags.kube_context);
  if (!run) return failed(run.error());
  const std::string& own = (*run)->cluster().access().namespace_;
  auto record = read_record(**run, {flags.name_space.empty() ? own : flags.name_space, flags.release, flags.revision});
  if (!record) return failed(record.error());
  if (flags.output != "text") {
    record->erase("chart");  // as Helm has it, which leaves out what is empty, too
    for (const char* part : {"config", "hooks"}) {
      if (const Json* found = plan::find(*record, part); found != nullptr && found->empty()) record->erase(part);
    }
    return print_formatted(*record, flags.output);
  }
  print(status_text(*record, flags.show_description));
  return 0;
}

/// A release of the tree, and what its cluster has of it.
struct Asked {
  std::string file, context, namespace_, name;
  Json record = {};  ///< null where it is not installed
};

/// Fills in the records of releases of one cluster. Lists each namespace once.
asio::awaitable<Result<>> ask(kube::Cluster& cluster, std::vector<Asked*> releases, std::size_t width) {
  std::map<std::string, std::vector<plan::RecordHead>> known;
  for (Asked* release : releases) {
    if (release->namespace_.empty()) release->namespace_ = cluster.access().namespace_;
    known[release->namespace_];
  }
  std::vector<std::string> namespaces;
  for (const auto& [name, heads] : known) namespaces.push_back(name);
  std::function<asio::awaitable<Result<>>(std::size_t)> list = [&](std::size_t i) -> asio::awaitable<Result<>> {
    auto heads = co_await worker::list_records(cluster, namespaces[i]);
    if (!heads) co_return std::move(heads).error();
    known[namespaces[i]] = std::move(*heads);
    co_return Result<>();
  };
  auto listed = co_await kube::in_parallel(namespaces.size(), width, list);
  if (!listed) co_return std::move(listed).error();
  std::vector<Asked*> found;
  std::vector<plan::RecordHead> newest;
  for (Asked* release : releases) {
    const auto history = worker::history_of(known[release->namespace_], release->name, release->namespace_);
    if (history.last() == nullptr) continue;
    found.push_back(release);
    newest.push_back(*history.last());
  }
  auto records = co_await read_records(cluster, std::move(newest), width);
  if (!records) co_return std::move(records).error();
  for (std::size_t i = 0; i < found.size(); ++i) found[i]->record = std::move((*records)[i]);
  co_return Result<>();
}

Result<> ask_all(std::vector<Asked>& releases, const StatusFlags& flags) {
  std::map<std::string, std::vector<Asked*>> by_context;
  for (Asked& release : releases) by_context[release.context].push_back(&release);
  for (auto& [context, theirs] : by_context) {
    auto run = ClusterRun::make(flags.kubeconfig, context);
    if (!run) return std::move(run).error();
    auto asked = (*run)->wait_for(ask((*run)->cluster(), theirs, flags.concurrency > 0 ? static_cast<std::size_t>(flags.concurrency) : 8));
    if (!asked) return asked;
  }
  return {};
}

int show_all(const std::vector<Asked>& releases, const StatusFlags& flags) {
  Json rows = Json::array();
  int code = 0;
  for (const Asked& release : releases) {
    if (release.record.is_null()) {
      std::fprintf(stderr, "Error: in %s: release \"%s\": release: not found in namespace %s\n", release.file.c_str(), release.name.c_str(),
                   release.namespace_.c_str());
      rows.push_back({{"name", release.name}, {"namespace", release.namespace_}, {"status", "not-installed"}});
      code = 1;
    } else if (flags.output == "text") {
      print(status_text(release.record, flags.show_description) + "\n");
    } else {
      rows.push_back(list_row(release.record));
    }
  }
  if (flags.output == "text") return code;
  return print_formatted(rows, flags.output) == 0 ? code : 1;
}

/// Follows: `helmfile status`, which runs `helm status` for each selected release that is to be installed, in the order of needs.
/// Differs: prints to standard output; a release that is not there does not hide those that need it; gets no charts and runs
/// no `prepare` hooks.
int tree_status(const StatusFlags& flags) {
  std::vector<Asked> releases;
  const int code = with_tree(flags, [&releases](helmfile::State& state, const helmfile::Outside&) -> Result<> {
    for (const auto& group : state.groups) {
      for (const std::size_t i : group) {
        const helmfile::Release& release = state.releases[i];
        if (release.installed) releases.push_back({state.file, release.kube_context, release.name_space, release.name});
      }
    }
    return {};
  });
  if (code != 0) return code;
  if (auto asked = ask_all(releases, flags); !asked) return failed(asked.error());
  return show_all(releases, flags);
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<StatusFlags>();
  CLI::App* command = app.add_subcommand("status", "show the state of a release and its notes; without a name, of all those of a helmfile");
  CLI::Option* release = command->add_option("RELEASE", flags->release, "this release only; no helmfile is read");
  add_tree_flags(*command, *flags);
  command->add_option("--kubeconfig", flags->kubeconfig, "kubeconfig (default: KUBECONFIG, then ~/.kube/config)");
  command->add_option("--revision", flags->revision, "of this revision of RELEASE (default: the newest)")->needs(release);
  command->add_flag("--show-desc", flags->show_description, "also the description");
  command->add_option("-o,--output", flags->output, "text, json or yaml")->check(CLI::IsMember({"text", "json", "yaml"}));
  command->callback([flags, &exit_code] { exit_code = flags->release.empty() ? tree_status(*flags) : release_status(*flags); });
}

}  // namespace sluice::app
