// The program: one binary, the daemon (`serve`) and all that is done by hand.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "core/base/version.hpp"
#include "server/app/cli.hpp"
#include "server/app/heap.hpp"
#include "server/worker/kubectl_shim.hpp"
#include "server/worker/render_process.hpp"

/// Flags may stand before the command, as helmfile's people write them: `sluice -e prod apply`.
static void bring_command_forward(const CLI::App& app, int argc, char** argv) {
  if (argc < 3 || argv[1][0] != '-') return;
  const auto all = app.get_subcommands([](const CLI::App*) { return true; });
  char** const command = std::find_if(argv + 1, argv + argc, [&all](const char* word) {
    return std::any_of(all.begin(), all.end(), [word](const CLI::App* one) { return one->check_name(word); });
  });
  if (command != argv + argc) std::rotate(argv + 1, command, command + 1);
}

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 0 && sluice::worker::is_kubectl_shim(argv[0])) return sluice::worker::run_kubectl_shim({argv + 1, argv + argc});
  if (argc > 1 && argv[1] != std::string_view("serve")) sluice::app::take_large_pages();
  if (argc == 2 && std::string_view(argv[1]) == sluice::worker::render_worker_command) return sluice::worker::run_render_worker();
  CLI::App app{"Deploys to Kubernetes from outside the cluster, with a person's approval.", "sluice"};
  app.set_version_flag("--version", std::string("sluice ") + sluice::version);
  app.require_subcommand(1);
  int exit_code = 0;
  // Only as many groups as it takes to find the command that is called: each takes a while to set up.
  for (const auto add : {sluice::app::add_chart_commands, sluice::app::add_helmfile_commands, sluice::app::add_tree_output_commands, sluice::app::add_release_commands,
                         sluice::app::add_status_command, sluice::app::add_drift_command, sluice::app::add_client_commands, sluice::app::add_daemon_commands, sluice::app::add_admin_commands,
                         sluice::app::add_completion_command}) {
    add(app, exit_code);
    const auto is_called = [&](CLI::App* command) { return argc > 1 && command->check_name(argv[1]); };
    if (!app.get_subcommands(is_called).empty()) break;
  }
  bring_command_forward(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "Error: %s\n", error.what());
    return 70;
  }
  return exit_code;
}
