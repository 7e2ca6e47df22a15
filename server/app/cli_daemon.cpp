// `sluice serve`, `sluice check`, `sluice demo`.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "server/app/check.hpp"
#include "server/app/cli.hpp"
#include "server/app/daemon.hpp"
#include "server/app/demo.hpp"

namespace sluice::app {

static int run_check(const std::string& file) {
  const auto config = config::load(file);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().what.c_str());
    return 78;
  }
  const bool colour = ::isatty(1) != 0;
  const auto report = [colour](Verdict verdict, const std::string& what, const std::string& found) {
    static const char* const plain[] = {"ok   ", "note ", "BAD  "};
    static const char* const coloured[] = {"\033[32mok\033[0m   ", "\033[33mnote\033[0m ", "\033[31mBAD\033[0m  "};
    const auto index = static_cast<std::size_t>(verdict);
    std::printf("%s%s: %s\n", colour ? coloured[index] : plain[index], what.c_str(), found.c_str());
  };
  return check(*config, report) ? 0 : 1;
}

void add_daemon_commands(CLI::App& app, int& exit_code) {
  auto serve_options = std::make_shared<ServeOptions>();
  CLI::App* serve_command = app.add_subcommand("serve", "Run the daemon: webhook, approvals, deployments");
  serve_command->add_option("-c,--config", serve_options->config_file, "configuration file")->required();
  serve_command->add_flag("--allow-root", serve_options->allow_root, "run although this is root");
  serve_command->add_flag("--debug", serve_options->debug, "log also each request and each call of a cluster");
  serve_command->callback([serve_options, &exit_code] { exit_code = serve(*serve_options); });

  auto file = std::make_shared<std::string>();
  CLI::App* check_command = app.add_subcommand("check", "Validate the configuration, then try each credential, cluster and repository");
  check_command->add_option("-c,--config", *file, "configuration file")->required();
  check_command->callback([file, &exit_code] { exit_code = run_check(*file); });

  auto demo_options = std::make_shared<DemoOptions>();
  CLI::App* demo_command = app.add_subcommand("demo", "The whole loop on this machine: push, plan, approval, deployment");
  demo_command->add_flag("--yes", demo_options->yes, "approve by itself, and end when it has succeeded");
  demo_command->callback([demo_options, &exit_code] { exit_code = demo(*demo_options); });
}

}  // namespace sluice::app
