#include "server/worker/inputs.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "server/base/credential.hpp"
#include "server/base/process.hpp"

namespace sluice::worker {

static std::string after(const std::string& ref, std::string_view prefix) { return ref.starts_with(prefix) ? ref.substr(prefix.size()) : std::string(); }

Result<std::string> expand(const std::string& where, const std::string& text, const Commit& commit, const std::string& environment) {
  if (text.find("{{") == std::string::npos) return text;
  gotemplate::TemplateSet set("config", functions::helm_functions(functions::Helm::v3));
  if (auto parsed = set.add(where, text); !parsed) return std::move(parsed).error();
  const Value about_commit = Value::new_map({{"Sha", Value::of_string(commit.sha)},
                                             {"Short", Value::of_string(commit.sha.substr(0, 7))},
                                             {"Ref", Value::of_string(commit.ref)},
                                             {"Branch", Value::of_string(after(commit.ref, "refs/heads/"))},
                                             {"Tag", Value::of_string(after(commit.ref, "refs/tags/"))}});
  const Value dot = Value::new_map({{"Commit", about_commit}, {"Environment", Value::new_map({{"Name", Value::of_string(environment)}})}});
  gotemplate::Options options;
  options.missing_key = gotemplate::MissingKey::error;
  functions::FunctionHost host;
  options.host = &host;
  auto written = gotemplate::execute(set, where, dot, options);
  if (!written) return std::move(written).error();
  return written->str();
}

Result<Variables> variables_of(const config::Environment& environment, const Commit& commit) {
  Variables variables;
  for (const auto& [name, text] : environment.variables) {
    auto value = expand("environments." + environment.name + ".variables." + name, text, commit, environment.name);
    if (!value) return std::move(value).error();
    variables[name] = {std::move(*value), false};
  }
  for (const auto& [name, source] : environment.secrets) {
    auto secret = read_credential(source);
    if (!secret) return std::move(secret).error().during("environments." + environment.name + ".secrets." + name);
    variables[name] = {secret->reveal(), true};
  }
  return variables;
}

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

Result<helmfile::ExecOutput> Programs::run(const helmfile::ExecCall& call) {
  std::vector<std::string> key{call.program};
  key.insert(key.end(), call.arguments.begin(), call.arguments.end());
  const std::string program = allowed_program(policy_, call.program, call.arguments);
  if (program.empty()) {
    return Error{Errc::denied, "exec-denied: a template wants to run " + quoted_call(key) + "; the server's configuration lists no such command in exec.allow"};
  }
  key.push_back(call.input);
  if (const auto known = answers_.find(key); known != answers_.end()) return known->second;
  ProcessRequest request;
  request.arguments = {program};
  request.arguments.insert(request.arguments.end(), call.arguments.begin(), call.arguments.end());
  request.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent"};
  for (const auto& [name, variable] : variables_) {
    if (!variable.secret) request.environment.push_back(name + "=" + variable.text);
  }
  for (const auto& [name, text] : call.environment) request.environment.push_back(name + "=" + text);
  request.input = call.input;
  request.folder = "/";
  auto result = run_process(request);
  if (!result) return std::move(result).error();
  helmfile::ExecOutput output{result->exit_code, std::move(result->output), std::move(result->error_output), true};
  records_.push_back({request.arguments, output.exit_code, to_hex(sha256(output.out))});
  answers_.emplace(std::move(key), output);
  return output;
}

helmfile::Files files_of(source::CommitTree& tree) {
  const auto root_is_empty = [](const std::string& path) { return path == "." ? std::string() : path; };
  helmfile::Files files;
  files.read = [&tree](const std::string& path) { return tree.read(path); };
  files.kind = [&tree, root_is_empty](const std::string& path) {
    if (tree.is_file(path)) return helmfile::FileKind::file;
    return tree.is_folder(root_is_empty(path)) ? helmfile::FileKind::folder : helmfile::FileKind::none;
  };
  files.list = [&tree, root_is_empty](const std::string& path) -> Result<std::vector<helmfile::FileEntry>> {
    if (!tree.is_folder(root_is_empty(path))) return Error{Errc::not_found, "no folder " + path + " in this commit"};
    std::vector<helmfile::FileEntry> entries;
    for (std::string name : tree.list(root_is_empty(path))) {
      const bool folder = name.ends_with('/');
      if (folder) name.pop_back();
      entries.push_back({std::move(name), folder ? helmfile::FileKind::folder : helmfile::FileKind::file});
    }
    return entries;
  };
  return files;
}

}  // namespace sluice::worker
