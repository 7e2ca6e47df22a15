#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/templates.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

/// An environment while a state file is read: grows from part to part.
struct Environment {
  std::string name = {};
  std::string kube_context = {};
  Value values = Value::new_map();    ///< from `environments.NAME` and from outside
  Value defaults = Value::new_map();  ///< from top-level `values:`

  /// What templates see as `.Values`: defaults, then values over them.
  Value merged() const;
  /// What templates see as `.Environment`.
  Value as_template_data() const;
  /// Own lists and maps all the way down.
  Environment copy() const;
};

/// The `.` of state files and environment values files.
Value environment_data(const Environment& environment, const std::string& name_space, const Value& values);

/// What to do about a file that is not there.
enum class MissingFile { error, note };
/// Errors: invalid, for anything but Error, Warn, Info and Debug; "" is Error.
Result<MissingFile> parse_missing_file_handler(const std::string& text, const std::string& file);

/// The files that an entry of a list of values names: one path or pattern, relative to `folder`. Empty if it may be missing.
/// Errors: not_found, "KIND file matching "x" does not exist in "folder""; those of fetch() for an address that is no path.
Result<std::vector<std::string>> resolve_files(const Outside& outside, const std::string& kind, const std::string& entry,
                                               const std::string& folder, MissingFile missing, std::vector<std::string>& notes);

/// Reads a values file: a template if its name ends in .gotmpl. Templates run in the file's own folder.
Result<Text> render_values_file(Templates& templates, const std::string& path, const Value& dot);

/// Which of several entries of a list of values wins.
enum class Precedence { last, first };
/// `environments.NAME.mergeStrategy`: "override" (also "") or "fallback". Errors: invalid for anything else.
Result<Precedence> parse_merge_strategy(const std::string& text, const std::string& environment);

/// All entries of a list of environment values (paths, patterns, maps) merged in order. With Precedence::first the templates
/// of an entry see the values of those before it.
Result<Value> load_values_entries(Templates& templates, const Value& entries, const std::string& folder,
                                  const Environment& visible, MissingFile missing, std::vector<std::string>& notes,
                                  Precedence precedence = Precedence::last);

/// The secrets of an environment, decrypted and merged. Errors: those of decrypt() in sops.hpp.
Result<Value> load_secrets_entries(Templates& templates, const Value& entries, const std::string& folder, MissingFile missing,
                                   std::vector<std::string>& notes);

}  // namespace sluice::helmfile
