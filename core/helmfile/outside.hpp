#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"

namespace sluice::functions {
struct Outside;
}

namespace sluice::helmfile {

enum class FileKind { none, file, folder };

struct FileEntry {
  std::string name = {};
  FileKind kind = FileKind::file;
};

/// Where a helmfile's files are read. Paths arrive joined and cleaned: relative to where the state file's path is relative to,
/// or absolute; ".." may remain at the front, and is refused by whoever keeps reading inside one folder.
struct Files {
  std::function<Result<std::string>(const std::string& path)> read = {};
  std::function<FileKind(const std::string& path)> kind = {};
  std::function<Result<std::vector<FileEntry>>(const std::string& path)> list = {};  ///< sorted by name
};

/// The files of a commit. `tree` must outlive the result. Errors: denied ("path-outside-tree: ..."), not_found.
Files files_of(const Tree& tree);

/// A program that a template wants to run, without a shell.
struct ExecCall {
  std::string program = {};
  std::vector<std::string> arguments = {};
  std::string directory = {};                           ///< working directory, as in Files
  std::map<std::string, std::string> environment = {};  ///< on top of the usual one
  std::string input = {};                               ///< standard input
};

struct ExecOutput {
  int exit_code = 0;
  std::string out = {};
  std::string error_text = {};
  bool secret = false;  ///< mark everything that is made from `out`
};

struct Variable {
  std::string text = {};
  bool secret = false;
};

/// All that a helmfile can reach besides its own text.
///
/// `exec` answers denied when policy does not allow the call (the text says how to allow it), not_found when there is no
/// such program. An exit code other than 0 is no Error: the template engine turns it into one that shows the streams.
struct Outside {
  Files files = {};
  std::function<std::optional<Variable>(const std::string& name)> variable = {};
  std::function<Result<ExecOutput>(const ExecCall& call)> exec = {};
  /// Makes a file at another address (git::..., https://...) readable: its path, as in Files. Empty: refused.
  std::function<Result<std::string>(const std::string& address)> fetch = {};
  /// Time and random bytes for Sprig's functions; may be null.
  const functions::Outside* functions = nullptr;
};

/// The path of a file that is named by an address. Errors: unsupported, where nothing is fetched; those of Outside::fetch.
Result<std::string> fetch(const Outside& outside, const std::string& address);

}  // namespace sluice::helmfile
