#include "server/worker/inputs.hpp"

#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "server/base/credential.hpp"

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

}  // namespace sluice::worker
