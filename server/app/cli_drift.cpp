// drift: live objects against what their releases last deployed.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "core/plan/drift.hpp"
#include "server/app/cli.hpp"
#include "server/app/cluster_run.hpp"
#include "server/base/random.hpp"
#include "server/worker/drift.hpp"

namespace sluice::app {

namespace {

struct DriftFlags : ClusterFlags {
  std::string context, namespace_, output = "text", colours = "auto";
  std::vector<std::string> names;
  bool all_namespaces = false, detailed_exitcode = false;
};

plan::Colour colour_of(const std::string& wanted) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  return wanted == "always" || (wanted == "auto" && terminal) ? plan::Colour::yes : plan::Colour::no;
}

int drift_command(const DriftFlags& flags) {
  const auto failed = [](const Error& error) {
    std::fprintf(stderr, "Error: %s\n", error.what.c_str());
    return 1;
  };
  auto run = ClusterRun::make(flags.kubeconfig, flags.context);
  if (!run) return failed(run.error());
  worker::DriftRequest request;
  request.mask_key = Secret(random_bytes(32));
  if (!flags.all_namespaces)
    request.namespace_ = flags.namespace_.empty() ? (*run)->cluster().access().namespace_ : flags.namespace_;
  for (const std::string& name : flags.names) request.releases.push_back({request.namespace_, name});
  auto drift = (*run)->wait_for(worker::find_drift((*run)->cluster(), std::move(request)));
  if (!drift) return failed(drift.error());
  for (const std::string& name : flags.names) {
    const auto is_it = [&name](const plan::ReleaseDiff& release) { return release.release == name; };
    if (std::ranges::none_of(drift->releases, is_it)) return failed({Errc::not_found, "release " + name + ": release: not found"});
  }
  const std::string text = flags.output == "json" ? plan::drift_json(*drift).dump(2) + "\n" : plan::drift_text(*drift, colour_of(flags.colours));
  std::fwrite(text.data(), 1, text.size(), stdout);
  return flags.detailed_exitcode && !drift->is_empty() ? 2 : 0;
}

}  // namespace

void add_drift_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<DriftFlags>();
  CLI::App* command = app.add_subcommand("drift", "show what in the cluster is no longer as its releases deployed it, and who changed it");
  command->add_option("RELEASE", flags->names, "these releases only");
  command->add_option("-n,--namespace", flags->namespace_, "namespace of the releases (default: that of the kubeconfig's context)");
  command->add_flag("-A,--all-namespaces", flags->all_namespaces, "of every namespace");
  command->add_option("--kubeconfig", flags->kubeconfig, "kubeconfig (default: KUBECONFIG, then ~/.kube/config)");
  command->add_option("--kube-context", flags->context, "context of the kubeconfig");
  command->add_flag("--detailed-exitcode", flags->detailed_exitcode, "exit with 2 when there is drift");
  command->add_option("-o,--output", flags->output, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--color", flags->colours, "auto, always or never")->check(CLI::IsMember({"auto", "always", "never"}));
  command->callback([flags, &exit_code] { exit_code = drift_command(*flags); });
}

}  // namespace sluice::app
