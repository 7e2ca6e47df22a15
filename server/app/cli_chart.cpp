// The commands on charts. They take helm's flags, which are read the way helm reads them (helm_flags.hpp), so CLI11 only hands
// the arguments on.

#include <CLI/CLI.hpp>

#include "server/app/cli.hpp"
#include "server/app/template_command.hpp"
#include "server/app/tree_jobs.hpp"

namespace sluice::app {

static void add_command(CLI::App& app, int& exit_code, const char* name, const char* description,
                        int (*run)(const std::vector<std::string>&)) {
  CLI::App* command = app.add_subcommand(name, description);
  command->prefix_command();
  command->set_help_flag();
  command->callback([command, run, &exit_code] { exit_code = run(command->remaining()); });
}

/// `lint` is helm's on charts and helmfile's on a tree.
static int run_either_lint(const std::vector<std::string>& arguments) {
  return lints_tree(arguments) ? lint_tree(arguments) : run_lint(arguments);
}

void add_chart_commands(CLI::App& app, int& exit_code) {
  add_command(app, exit_code, "template", "Print the manifests of a chart, as helm template does", run_template);
  add_command(app, exit_code, "lint", "Look for mistakes in charts, as helm lint does, or in a helmfile tree, as helmfile lint does", run_either_lint);
}

}  // namespace sluice::app
