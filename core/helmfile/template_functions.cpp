#include "core/helmfile/template_functions.hpp"

#include <algorithm>
#include <utility>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/references.hpp"
#include "core/value/text.hpp"

namespace sluice::helmfile {

namespace {

using gotemplate::Arity;
using gotemplate::Call;
using gotemplate::Function;
using gotemplate::FunctionTable;
using gotemplate::MarkRule;
using Arguments = std::span<Value>;

constexpr std::size_t shown_output = 2000;

Value text_value(Text text) { return Value::of_string(std::move(text)); }

/// What a person may see of a program's stream.
std::string shown(const std::string& stream) {
  if (stream.size() <= shown_output) return stream;
  return stream.substr(0, shown_output) + "...(+" + std::to_string(stream.size() - shown_output) + ")";
}

/// The call for people: what came from a secret is not shown.
std::string command_line(const Value& program, const Value& arguments) {
  std::string line(program.str());
  for (const Value& argument : arguments.items()) {
    line += " " + (has_marks(argument) ? "(secret)" : quoted(argument.str()));
  }
  return line;
}

Error failed(const std::string& line, const ExecOutput& output) {
  std::string what = "command " + line + " exited with status " + std::to_string(output.exit_code);
  if (output.secret) return {Errc::invalid, what + " (its output is secret)"};
  if (!output.error_text.empty()) what += "; stderr: " + shown(output.error_text);
  if (!output.out.empty()) what += "; stdout: " + shown(output.out);
  return {Errc::invalid, what};
}

Result<std::vector<std::string>> texts_of(const Value& arguments) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Value& one = arguments.items()[i];
    if (!one.is_string()) {
      return Error{Errc::invalid, "unexpected type of arg \"" + std::string(type_name(one)) + "\" at index " + std::to_string(i) +
                                      ": it must be a string"};
    }
    texts.emplace_back(one.str());
  }
  return texts;
}

/// `line` is the call as errors may show it.
Result<Value> run(Call& call, const Outside& outside, const ExecCall& program, const std::string& line) {
  auto output = outside.exec(program);
  if (!output) return std::move(output).error().during("command " + line);
  if (output->exit_code != 0) return failed(line, *output);
  if (!output->secret) return text_value(Text(output->out));
  call.expect_marks();
  return text_value(Text::secret(output->out));
}

Result<Value> exec(Call& call, Arguments arguments, const Outside& outside, const std::string& folder) {
  auto texts = texts_of(arguments[1]);
  if (!texts) return std::move(texts).error();
  ExecCall program{.program = std::string(arguments[0].str()), .arguments = std::move(*texts), .directory = folder};
  if (arguments.size() > 2) program.input = arguments[2].str();
  return run(call, outside, program, command_line(arguments[0], arguments[1]));
}

Result<Value> env_exec(Call& call, Arguments arguments, const Outside& outside, const std::string& folder) {
  auto texts = texts_of(arguments[2]);
  if (!texts) return std::move(texts).error();
  ExecCall program{.program = std::string(arguments[1].str()), .arguments = std::move(*texts), .directory = folder};
  if (const Map* map = arguments[0].map(); map != nullptr) {
    for (const Map::Entry& entry : *map) {
      if (!entry.value.is_string()) {
        return Error{Errc::invalid, "unexpected type of env \"" + std::string(type_name(entry.value)) + "\" for " +
                                        entry.key.str() + ": it must be a string"};
      }
      program.environment[entry.key.str()] = entry.value.str();
    }
  }
  if (arguments.size() > 3) program.input = arguments[3].str();
  return run(call, outside, program, command_line(arguments[1], arguments[2]));
}

Text variable_text(Call& call, const Variable& variable) {
  if (!variable.secret) return Text(variable.text);
  call.expect_marks();
  return Text::secret(variable.text);
}

Result<Value> env(Call& call, Arguments arguments, const Outside& outside) {
  const auto variable = outside.variable(std::string(arguments[0].str()));
  return text_value(variable ? variable_text(call, *variable) : Text());
}

Result<Value> required_env(Call& call, Arguments arguments, const Outside& outside) {
  const std::string name(arguments[0].str());
  const auto variable = outside.variable(name);
  if (!variable || variable->text.empty()) return Error{Errc::invalid, "required env var `" + name + "` is not set"};
  return text_value(variable_text(call, *variable));
}

/// "$NAME" and "${NAME}" replaced, as Go's os.ExpandEnv.
Result<Value> expand_env(Call& call, Arguments arguments, const Outside& outside) {
  const std::string_view text = arguments[0].str();
  TextBuilder out;
  const auto is_name = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '$' || at + 1 == text.size()) {
      out.append(text[at++]);
      continue;
    }
    std::string name;
    if (text[at + 1] == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) {
        at += 2;  // as Go does: a broken "${" vanishes
        continue;
      }
      name = text.substr(at + 2, end - at - 2);
      at = end + 1;
    } else if (!is_name(text[at + 1])) {
      out.append(text[at++]);
      continue;
    } else {
      ++at;
      while (at < text.size() && is_name(text[at])) name += text[at++];
    }
    if (const auto variable = outside.variable(name)) out.append(variable_text(call, *variable));
  }
  return text_value(out.finish());
}

Result<Value> read_file(Arguments arguments, const Outside& outside, const std::string& folder) {
  auto bytes = outside.files.read(join_path(folder, arguments[0].str()));
  if (!bytes) return std::move(bytes).error();
  return text_value(Text(*bytes));
}

Result<Value> read_folder(Arguments arguments, const Outside& outside, const std::string& folder) {
  const std::string path(arguments[0].str());
  auto entries = outside.files.list(join_path(folder, path));
  if (!entries) return std::move(entries).error().during("ReadDir \"" + join_path(folder, path) + "\"");
  std::vector<Value> names;
  for (const FileEntry& entry : *entries) {
    if (entry.kind == FileKind::file) names.push_back(text_value(join_path(path, entry.name)));
  }
  return Value::new_list(std::move(names), ListType::strings);
}

Result<Value> read_folder_entries(Arguments arguments, const Outside& outside, const std::string& folder) {
  const std::string path = join_path(folder, arguments[0].str());
  auto entries = outside.files.list(path);
  if (!entries) return std::move(entries).error().during("ReadDirEntries \"" + path + "\"");
  std::vector<Value> list;
  for (const FileEntry& entry : *entries) {
    list.push_back(Value::new_map({{"Name", text_value(entry.name)}, {"IsDir", Value::of_bool(entry.kind == FileKind::folder)}}));
  }
  return Value::new_list(std::move(list));
}

Result<Value> from_yaml(Arguments arguments) {
  auto value = read_yaml(arguments[0].text());
  if (!value) return std::move(value).error().during("fromYaml");
  return value;
}

Result<Value> set_value_at_path(Arguments arguments) {
  const std::string path(arguments[0].str());
  const Value whole = arguments[2];
  Value at = whole;
  for (std::size_t begin = 0;;) {
    const std::size_t dot = path.find('.', begin);
    const std::string key = path.substr(begin, dot == std::string::npos ? dot : dot - begin);
    const auto wrong = [&](const char* why) {
      return Error{Errc::invalid, "failed to set value at path \"" + path + "\": value for key \"" + key + "\" " + why};
    };
    if (!at.is_map() || at.map() == nullptr) return wrong("was not a map");
    if (dot == std::string::npos) {
      at.map()->set(Text(key), arguments[1]);
      return whole;
    }
    const Value* below = at.find(key);
    if (below == nullptr) return wrong("does not exist");
    if (!below->is_map()) return wrong("was not a map");
    at = *below;
    begin = dot + 1;
  }
}

Result<Value> get(Arguments arguments) {
  if (arguments.size() != 2 && arguments.size() != 3) {
    return Error{Errc::invalid,
                 "unexpected number of args passed to the template function get(path, [def, ]obj): expected 1 or 2, got " +
                     std::to_string(arguments.size() - 1)};
  }
  std::string missing;
  const Value* found = find_path(arguments.back(), arguments[0].str(), missing);
  if (found != nullptr) return *found;
  if (arguments.size() == 3 && missing.starts_with("no value")) return arguments[1];
  return Error{Errc::invalid, missing};
}

Result<Value> get_or_nil(Arguments arguments) {
  std::string missing;
  const Value* found = find_path(arguments[1], arguments[0].str(), missing);
  return found == nullptr ? Value() : *found;
}

Result<Value> required(Arguments arguments) {
  const Value& value = arguments[1];
  if (value.is_nil() || (value.is_string() && value.size() == 0)) return Error{Errc::invalid, std::string(arguments[0].str())};
  return value;
}

Result<Value> to_text(Result<Text> text) {
  if (!text) return std::move(text).error();
  return text_value(std::move(*text));
}

Result<Value> tpl(Call& call, Arguments arguments) {
  gotemplate::Stage stage{};
  return to_text(call.parse_and_execute(arguments[0].str(), arguments[1], stage));
}

void add_data_functions(FunctionTable& table) {
  const auto add = [&table](std::string name, std::vector<gotemplate::Parameter> parameters, Arity arity,
                            gotemplate::FunctionBody body) {
    table.add({std::move(name), std::move(parameters), arity, std::move(body), MarkRule::precise});
  };
  add("toYaml", {GoType::any}, Arity::fixed,
      [](Call&, Arguments a) -> Result<Value> { return text_value(write_yaml(a[0], Quotes::single)); });
  add("fromYaml", {GoType::string}, Arity::fixed, [](Call&, Arguments a) { return from_yaml(a); });
  add("setValueAtPath", {GoType::string, GoType::any, GoType::map_any}, Arity::fixed,
      [](Call&, Arguments a) { return set_value_at_path(a); });
  add("get", {GoType::string, GoType::any}, Arity::variadic, [](Call&, Arguments a) { return get(a); });
  add("getOrNil", {GoType::string, GoType::any}, Arity::fixed, [](Call&, Arguments a) { return get_or_nil(a); });
  add("required", {GoType::string, GoType::any}, Arity::fixed, [](Call&, Arguments a) { return required(a); });
  add("tpl", {GoType::string, GoType::any}, Arity::fixed, [](Call& call, Arguments a) { return tpl(call, a); });
  add("include", {GoType::string, GoType::any}, Arity::fixed,
      [](Call& call, Arguments a) { return to_text(call.execute_template(a[0].str(), a[1])); });
}

}  // namespace

const Value* find_path(const Value& object, std::string_view path, std::string& missing) {
  const Value* at = &object;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    const std::string key(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
    if (!at->is_map()) {
      missing = "unexpected type(" + std::string(type_name(*at)) + ") of value for key \"" + key +
                "\": it must be either map[string]any or any struct";
      return nullptr;
    }
    const Value* below = at->find(key);
    if (below == nullptr) {
      missing = "no value exist for key \"" + key + "\"";
      return nullptr;
    }
    at = below;
  }
  return at;
}

void add_template_functions(FunctionTable& table, const Outside& outside, const TemplateFolders& folders) {
  if (table.find("get") != nullptr) table.alias("sprigGet", "get");
  add_data_functions(table);
  const auto add = [&table](std::string name, std::vector<gotemplate::Parameter> parameters, Arity arity, MarkRule marks,
                            gotemplate::FunctionBody body) {
    table.add({std::move(name), std::move(parameters), arity, std::move(body), marks});
  };
  const Outside* world = &outside;
  const std::string& folder = folders.own;
  const std::string& base = folders.state_file;
  add("env", {GoType::string}, Arity::fixed, MarkRule::precise,
      [world](Call& call, Arguments a) { return env(call, a, *world); });
  add("expandenv", {GoType::string}, Arity::fixed, MarkRule::spread,
      [world](Call& call, Arguments a) { return expand_env(call, a, *world); });
  add("requiredEnv", {GoType::string}, Arity::fixed, MarkRule::precise,
      [world](Call& call, Arguments a) { return required_env(call, a, *world); });
  add("exec", {GoType::string, GoType::list_any, GoType::string}, Arity::variadic, MarkRule::spread,
      [world, folder](Call& call, Arguments a) { return exec(call, a, *world, folder); });
  add("envExec", {GoType::map_any, GoType::string, GoType::list_any, GoType::string}, Arity::variadic, MarkRule::spread,
      [world, folder](Call& call, Arguments a) { return env_exec(call, a, *world, folder); });
  add("readFile", {GoType::string}, Arity::fixed, MarkRule::spread,
      [world, folder](Call&, Arguments a) { return read_file(a, *world, folder); });
  add("readDir", {GoType::string}, Arity::fixed, MarkRule::spread,
      [world, folder](Call&, Arguments a) { return read_folder(a, *world, folder); });
  add("readDirEntries", {GoType::string}, Arity::fixed, MarkRule::spread,
      [world, folder](Call&, Arguments a) { return read_folder_entries(a, *world, folder); });
  add("fetchSecretValue", {GoType::string}, Arity::fixed, MarkRule::precise,
      [world, base](Call&, Arguments a) { return to_text(expand_references(a[0].text(), base, *world)); });
  add("expandSecretRefs", {GoType::map_any}, Arity::fixed, MarkRule::precise,
      [world, base](Call&, Arguments a) { return expand_references(a[0], base, *world); });
  add("isFile", {GoType::string}, Arity::fixed, MarkRule::spread, [world, folder](Call&, Arguments a) -> Result<Value> {
    return Value::of_bool(world->files.kind(join_path(folder, a[0].str())) == FileKind::file);
  });
  add("isDir", {GoType::string}, Arity::fixed, MarkRule::spread, [world, folder](Call&, Arguments a) -> Result<Value> {
    return Value::of_bool(world->files.kind(join_path(folder, a[0].str())) == FileKind::folder);
  });
}

}  // namespace sluice::helmfile
