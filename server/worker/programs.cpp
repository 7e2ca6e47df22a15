#include "server/worker/programs.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "server/base/process.hpp"
#include "server/worker/filters.hpp"
#include "server/worker/kubectl_shim.hpp"

namespace sluice::worker {

std::string allowed_program(const config::ExecPolicy& policy, const std::string& program, const std::vector<std::string>& arguments) {
  const auto covers = [&](const std::vector<std::string>& rule) {
    if (rule.empty() || !rule[0].starts_with('/')) return false;
    const bool named = program == rule[0] || program == rule[0].substr(rule[0].rfind('/') + 1);
    if (!named || rule.size() != arguments.size() + 1) return false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string& wanted = rule[i + 1];
      const bool open_end = i + 1 == arguments.size() && wanted.ends_with('*');
      if (open_end ? !arguments[i].starts_with(wanted.substr(0, wanted.size() - 1)) : arguments[i] != wanted) return false;
    }
    return true;
  };
  const auto rule = std::find_if(policy.allow.begin(), policy.allow.end(), covers);
  return rule == policy.allow.end() ? std::string() : rule->front();
}

static std::string quoted_call(const std::vector<std::string>& arguments) {
  std::string text;
  for (const auto& argument : arguments) text += (text.empty() ? "\"" : ", \"") + argument.substr(0, 200) + "\"";
  return "[" + text + "]";
}

static bool is_named(const std::string& program, std::string_view name) {
  return program == name || program == "/bin/" + std::string(name) || program == "/usr/bin/" + std::string(name) ||
         program == "/usr/local/bin/" + std::string(name);
}

/// The pipeline that a call stands for, if it begins with kubectl. Errors: unsupported, when it does not or is not understood.
Result<std::vector<ShellCommand>> Programs::native_call(const helmfile::ExecCall& call) const {
  if (is_named(call.program, "kubectl")) {
    ShellCommand command{{"kubectl"}, false};
    command.words.insert(command.words.end(), call.arguments.begin(), call.arguments.end());
    return std::vector{std::move(command)};
  }
  const bool shell = is_named(call.program, "sh") || is_named(call.program, "bash");
  if (!shell || call.arguments.size() != 2 || call.arguments[0] != "-c") return Error{Errc::unsupported, ""};
  auto commands = parse_pipeline(call.arguments[1]);
  if (!commands) {
    const bool about_kubectl = call.arguments[1].find("kubectl") != std::string::npos;
    return about_kubectl ? std::move(commands).error() : Error{Errc::unsupported, ""};
  }
  if (!is_named(commands->front().words.front(), "kubectl")) return Error{Errc::unsupported, ""};
  return commands;
}

Result<helmfile::ExecOutput> Programs::run(const helmfile::ExecCall& call) {
  std::vector<std::string> key{call.program};
  key.insert(key.end(), call.arguments.begin(), call.arguments.end());
  const std::string shown = quoted_call(key);
  std::vector<std::string> arguments = key;
  key.push_back(call.input);
  if (const auto known = answers_.find(key); known != answers_.end()) return known->second;
  Result<helmfile::ExecOutput> output = Error{};
  if (const std::string program = allowed_program(policy_, call.program, call.arguments); !program.empty()) {
    arguments[0] = program;
    output = run_allowed(program, call);
  } else {
    std::string why = "the server's configuration lists no such command in exec.allow";
    if (!policy_.native_kubectl || !world_) return Error{Errc::denied, "exec-denied: a template wants to run " + shown + "; " + why};
    auto commands = native_call(call);
    if (!commands) {
      if (!commands.error().what.empty()) why += ", and it is no plain pipeline behind `kubectl get` (" + commands.error().what + ")";
      return Error{Errc::denied, "exec-denied: a template wants to run " + shown + "; " + why};
    }
    output = run_pipeline(*commands, shown);
  }
  if (!output) return output;
  records_.push_back({std::move(arguments), output->exit_code, to_hex(sha256(output->out))});
  answers_.emplace(std::move(key), *output);
  return output;
}

Result<helmfile::ExecOutput> Programs::run_allowed(const std::string& program, const helmfile::ExecCall& call) {
  ProcessRequest request;
  request.arguments = {program};
  request.arguments.insert(request.arguments.end(), call.arguments.begin(), call.arguments.end());
  std::string path = "/usr/local/bin:/usr/bin:/bin";
  std::unique_ptr<KubectlDoor> door;
  if (policy_.native_kubectl && world_) {
    auto opened = KubectlDoor::open([this](const std::vector<std::string>& arguments) { return answer_behind_door(arguments); });
    if (!opened) return std::move(opened).error();
    door = std::move(*opened);
    path = door->folder().string() + ":" + path;
  }
  for (const auto& [name, variable] : variables_) {
    if (!variable.secret) request.environment.push_back(name + "=" + variable.text);
  }
  for (const auto& [name, text] : call.environment) request.environment.push_back(name + "=" + text);
  // behind the others, so that they cannot replace these: of two variables of one name programs see the first or the last
  std::erase_if(request.environment, [](const std::string& one) {
    return one.starts_with("PATH=") || one.starts_with("HOME=") || one.starts_with("LD_") || one.starts_with("SLUICE_KUBECTL_SOCKET=");
  });
  for (std::string fixed : {"PATH=" + path, std::string("LC_ALL=C.UTF-8"), std::string("HOME=/nonexistent")}) request.environment.push_back(std::move(fixed));
  if (door) request.environment.push_back(door->variable());
  request.input = call.input;
  request.folder = "/";
  request.limit = limit_;
  auto result = run_process(request);
  if (!result) return std::move(result).error();
  return helmfile::ExecOutput{result->exit_code, std::move(result->output), std::move(result->error_output), true};
}

helmfile::ExecOutput Programs::answer_behind_door(const std::vector<std::string>& arguments) const {
  auto answer = answer_kubectl(arguments, *world_);
  if (!answer) return {1, "", "error: " + answer.error().what + "\n", false};
  return std::move(answer->output);
}

/// A pipe shows the exit code of its last program alone, so that a Secret which is not there would become an empty password.
static Result<> refuse_what_a_pipe_hides(const KubectlAnswer& answer, const std::string& text, const std::string& shown) {
  const std::string_view blanks = " \t\r\n";
  const bool empty = text.find_first_not_of(blanks) == std::string::npos;
  if (answer.output.exit_code != 0) {
    std::string said = answer.output.error_text;
    while (said.ends_with('\n')) said.pop_back();
    return Error{Errc::not_found, "exec-failed: " + shown + ": " + said + "; the pipe behind it would hide that and go on with an empty text (exec.allow_empty allows it)"};
  }
  if (!answer.one_value || !empty) return {};
  return Error{Errc::not_found, "exec-empty: " + shown + " gave an empty text where a value of " + answer.asked_for +
                                    " was expected: the key is missing or empty (exec.allow_empty allows it)"};
}

Result<helmfile::ExecOutput> Programs::run_pipeline(const std::vector<ShellCommand>& commands, const std::string& shown) {
  std::vector<std::vector<std::string>> filters;
  for (auto command = commands.begin() + 1; command != commands.end(); ++command) {
    auto filter = filter_command(command->words);
    if (!filter) return Error{filter.error().code, "exec-denied: a template wants to run " + shown + "; " + filter.error().what};
    filters.push_back(std::move(*filter));
  }
  auto answer = answer_kubectl({commands.front().words.begin() + 1, commands.front().words.end()}, *world_);
  if (!answer) return std::move(answer).error().during("exec " + shown);
  helmfile::ExecOutput output = answer->output;
  if (commands.front().drop_errors) output.error_text.clear();
  for (std::size_t i = 0; i < filters.size(); ++i) {
    ProcessRequest request;
    request.arguments = filters[i];
    request.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent"};
    request.folder = "/";
    request.input = std::move(output.out);
    auto result = run_process(request);
    if (!result) return std::move(result).error().during("exec " + shown);
    output.exit_code = result->exit_code;
    output.out = std::move(result->output);
    if (!commands[i + 1].drop_errors) output.error_text += result->error_output;
  }
  const bool exit_code_tells = filters.empty() && output.exit_code != 0;
  if (!policy_.allow_empty && !exit_code_tells) {
    if (auto good = refuse_what_a_pipe_hides(*answer, output.out, shown); !good) return std::move(good).error();
  }
  return output;
}

}  // namespace sluice::worker
