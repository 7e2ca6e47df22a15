#pragma once

#include <string>

#include "core/gotemplate/function.hpp"
#include "core/helmfile/outside.hpp"

namespace sluice::helmfile {

struct TemplateFolders {
  std::string own = {};         ///< what paths are relative to, and where programs run
  std::string state_file = {};  ///< what references ("ref+file://...") are relative to
};

/// Adds what helmfile's templates may call besides Sprig's functions: env, requiredEnv, exec, envExec, readFile, readDir,
/// readDirEntries, isFile, isDir, toYaml, fromYaml, setValueAtPath, get (Sprig's becomes sprigGet), getOrNil, tpl, required,
/// include, fetchSecretValue and expandSecretRefs. `outside` must outlive the table.
/// Follows: helmfile v1.0.0, pkg/tmpl.
void add_template_functions(gotemplate::FunctionTable& table, const Outside& outside, const TemplateFolders& folders);

/// The element at a path of keys, "a.b": null with `missing` filled in if there is none.
const Value* find_path(const Value& object, std::string_view path, std::string& missing);

}  // namespace sluice::helmfile
