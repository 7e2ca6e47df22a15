// Commands that ask a running daemon: deployments, show, diff, log, approve, reject, cancel, retry, rollback-to, trigger.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "server/app/cli.hpp"
#include "server/app/client.hpp"
#include "server/app/client_text.hpp"
#include "server/net/url.hpp"

namespace sluice::app {

using nlohmann::json;

namespace {

struct ClientFlags {
  std::int64_t id = 0;
  std::string output = "table";
  std::string environment, repository, state, digest, comment, ref;
  std::vector<std::string> hold;
  int limit = 20;
  bool follow = false;
  bool no_colour = false;
  bool diff = false;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int failed(const Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  switch (error.code) {
    case Errc::denied: return 77;
    case Errc::unavailable:
    case Errc::timeout: return 69;
    default: return 1;
  }
}

std::string path_of(const ClientFlags& flags, std::string_view rest = {}) {
  return "/api/v1/deployments/" + std::to_string(flags.id) + std::string(rest);
}

Paint paint_of(const ClientFlags& flags) {
  return !flags.no_colour && isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr ? Paint::yes : Paint::no;
}

int print_as(const json& value, const ClientFlags& flags, const std::string& table) {
  if (flags.output == "table") {
    print(table);
    return 0;
  }
  auto text = formatted(value, flags.output);
  if (!text) return failed(text.error());
  print(*text);
  return 0;
}

int list(Client& client, const ClientFlags& flags) {
  const std::string query = "?limit=" + std::to_string(flags.limit) + "&environment=" + net::percent_encode(flags.environment) +
                            "&repository=" + net::percent_encode(flags.repository) + "&state=" + net::percent_encode(flags.state);
  auto page = client.get("/api/v1/deployments" + query);
  if (!page) return failed(page.error());
  return print_as(*page, flags, deployments_table((*page)["items"]));
}

int show_diff(Client& client, const ClientFlags& flags);

int show(Client& client, const ClientFlags& flags) {
  if (flags.diff) return show_diff(client, flags);
  auto one = client.get(path_of(flags));
  if (!one) return failed(one.error());
  return print_as(*one, flags, deployment_text(*one));
}

int show_diff(Client& client, const ClientFlags& flags) {
  if (flags.output != "table") {
    auto value = client.get(path_of(flags, "/diff"));
    return value ? print_as(*value, flags, "") : failed(value.error());
  }
  auto text = client.get_text(path_of(flags, "/diff"));
  if (!text) return failed(text.error());
  print(diff_text(*text, paint_of(flags)));
  return 0;
}

int show_log(Client& client, const ClientFlags& flags) {
  auto tell = [&flags](const json& event) {
    print(flags.output == "json" ? event.dump(-1, ' ', true, json::error_handler_t::replace) + "\n" : event_line(event));
    std::fflush(stdout);
  };
  if (flags.follow) {
    auto followed = client.follow(path_of(flags, "/events"), tell);
    if (!followed) return failed(followed.error());
    // The exit code says how it ended, so that a script can wait for it.
    auto one = client.get(path_of(flags));
    if (!one) return failed(one.error());
    const std::string state = one->value("state", "");
    return state == "succeeded" || state == "no_changes" ? 0 : 1;
  }
  for (std::int64_t after = 0;;) {
    auto page = client.get(path_of(flags, "/events?after=" + std::to_string(after)));
    if (!page) return failed(page.error());
    const auto& items = (*page)["items"];
    if (items.empty()) return 0;
    for (const auto& event : items) tell(event);
    after = items.back().value("sequence", after);
  }
}

int post(Client& client, const ClientFlags& flags, const std::string& path, const json& body, const std::string& done) {
  auto answer = client.post(path, body);
  if (!answer) return failed(answer.error());
  std::string text = done + " " + std::to_string(answer->value("id", flags.id));
  if (const auto state = answer->value("state", ""); !state.empty()) text += ": " + state;
  return print_as(*answer, flags, text + "\n");
}

int approve(Client& client, const ClientFlags& flags) {
  json body = {{"digest", flags.digest}, {"comment", flags.comment}};
  if (!flags.hold.empty()) body["hold"] = flags.hold;
  return post(client, flags, path_of(flags, "/approve"), body, "approved deployment");
}

int reject(Client& client, const ClientFlags& flags) {
  std::string digest = flags.digest;
  if (digest.empty()) {  // rejecting whatever is waiting now is what is meant
    auto one = client.get(path_of(flags));
    if (!one) return failed(one.error());
    digest = one->value("digest", "");
  }
  return post(client, flags, path_of(flags, "/reject"), {{"digest", digest}, {"comment", flags.comment}}, "rejected deployment");
}

using Command = int (*)(Client&, const ClientFlags&);

CLI::App* add(CLI::App& app, int& exit_code, const std::shared_ptr<ClientFlags>& flags, const char* name, const char* help,
              Command run) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("-o,--output", flags->output, "table, json or yaml")->check(CLI::IsMember({"table", "json", "yaml"}));
  command->callback([flags, run, &exit_code] {
    auto client = Client::from_environment();
    exit_code = client ? run(*client, *flags) : failed(client.error());
  });
  return command;
}

CLI::App* add_of_one(CLI::App& app, int& exit_code, const std::shared_ptr<ClientFlags>& flags, const char* name, const char* help,
                     Command run) {
  auto* command = add(app, exit_code, flags, name, help, run);
  command->add_option("id", flags->id, "number of the deployment")->required()->check(CLI::PositiveNumber);
  return command;
}

}  // namespace

void add_client_commands(CLI::App& app, int& exit_code) {
  const auto fresh = [] { return std::make_shared<ClientFlags>(); };

  auto flags = fresh();
  auto* command =
      add(app, exit_code, flags, "deployments", "list deployments of a running daemon (SLUICE_URL, SLUICE_TOKEN)", list);
  command->add_option("-e,--environment", flags->environment, "of this environment only");
  command->add_option("-r,--repository", flags->repository, "of this repository only");
  command->add_option("-s,--state", flags->state, "in this state only: awaiting_approval, succeeded, ...");
  command->add_option("--limit", flags->limit, "at most so many")->check(CLI::Range(1, 200));

  flags = fresh();
  command = add_of_one(app, exit_code, flags, "show", "one deployment: state, plan, decisions, what to do next", show);
  command->add_flag("--diff", flags->diff, "the plan's diff instead");
  command->add_flag("--no-color", flags->no_colour, "no colours on a terminal");

  if (app.get_subcommands([](CLI::App* other) { return other->check_name("diff"); }).empty()) {
    flags = fresh();
    command = add_of_one(app, exit_code, flags, "diff", "the masked diff of a deployment's plan", show_diff);
    command->add_flag("--no-color", flags->no_colour, "no colours on a terminal");
  }

  flags = fresh();
  command = add_of_one(app, exit_code, flags, "log", "what happened to a deployment", show_log);
  command->add_flag("-F,--follow", flags->follow, "go on until it has ended; the exit code is 0 if it succeeded");

  flags = fresh();
  command = add_of_one(app, exit_code, flags, "approve", "approve exactly the plan with this digest", approve);
  command->add_option("--digest", flags->digest, "the plan's whole digest, from show or diff")->required();
  command->add_option("-m,--comment", flags->comment, "why");
  command->add_option("--hold", flags->hold, "leave this release out; may be given several times")->allow_extra_args(false);

  flags = fresh();
  command = add_of_one(app, exit_code, flags, "reject", "reject a deployment's plan", reject);
  command->add_option("-m,--comment", flags->comment, "why")->required();
  command->add_option("--digest", flags->digest, "only if the plan still is this one");

  flags = fresh();
  command = add_of_one(app, exit_code, flags, "cancel", "cancel; a running push stops after the release in hand",
                       [](Client& client, const ClientFlags& given) {
                         return post(client, given, path_of(given, "/cancel"), {{"comment", given.comment}}, "deployment");
                       });
  command->add_option("-m,--comment", flags->comment, "why");

  add_of_one(app, exit_code, fresh(), "retry", "the same commit again, as a new deployment",
             [](Client& client, const ClientFlags& given) {
               return post(client, given, path_of(given, "/retry"), json::object(), "new deployment");
             });
  add_of_one(app, exit_code, fresh(), "rollback-to", "back to what this deployment brought, as a new deployment",
             [](Client& client, const ClientFlags& given) {
               return post(client, given, path_of(given, "/rollback"), json::object(), "new deployment");
             });

  flags = fresh();
  command = add(app, exit_code, flags, "trigger", "deploy by hand", [](Client& client, const ClientFlags& given) {
    json body = {{"repository", given.repository}, {"environment", given.environment}};
    if (!given.ref.empty()) body["ref"] = given.ref;
    return post(client, given, "/api/v1/deployments", body, "new deployment");
  });
  command->add_option("repository", flags->repository, "owner/name as configured")->required();
  command->add_option("environment", flags->environment, "where to")->required();
  command->add_option("--ref", flags->ref, "branch, tag or full commit id (default: the branch of its push rule)");
}

}  // namespace sluice::app
