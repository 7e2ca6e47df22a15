#pragma once

// The groups of commands that main.cpp puts together, one file each (cli_<group>.cpp). Each adds its commands to `app`;
// a command that ran leaves its exit code in `exit_code`: 0 done, 1 failed, 2 changes present or wrong usage.

namespace CLI {
class App;
}

namespace sluice::app {

void add_admin_commands(CLI::App& app, int& exit_code);  ///< token, audit, backup, replay
/// deployments, show, diff, log, approve, reject, cancel, retry, rollback-to, trigger. Comes last: `diff` with a number is added
/// only if no other group has taken the name.
void add_client_commands(CLI::App& app, int& exit_code);
void add_chart_commands(CLI::App& app, int& exit_code);  ///< template, lint
void add_helmfile_commands(CLI::App& app, int& exit_code);     ///< render, releases, deps
void add_tree_output_commands(CLI::App& app, int& exit_code);  ///< build, show-dag, write-values
void add_daemon_commands(CLI::App& app, int& exit_code);  ///< serve, check, demo
void add_release_commands(CLI::App& app, int& exit_code);  ///< plan, apply, destroy, list, history, rollback, get
void add_status_command(CLI::App& app, int& exit_code);
void add_drift_command(CLI::App& app, int& exit_code);
/// completion: last of all, as it tells of the others.
void add_completion_command(CLI::App& app, int& exit_code);

}  // namespace sluice::app
