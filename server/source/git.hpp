#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"
#include "server/source/git_remote.hpp"

namespace sluice {
struct ProcessRequest;
struct ProcessResult;
}  // namespace sluice

namespace sluice::source {

struct GitLimits {
  std::chrono::milliseconds ask_time = std::chrono::seconds(30);    ///< for the list of branches and tags
  std::chrono::milliseconds fetch_time = std::chrono::seconds(120);
  std::uint64_t pack_size = 1ull << 30;  ///< bytes of any file that git writes
  std::size_t file_size = 16u << 20;
  std::size_t tree_size = 512u << 20;
  std::size_t file_count = 20000;
};

/// A full object id: 40 or 64 lower-case hex digits. The only thing from outside that becomes an argument of git.
bool is_commit_sha(std::string_view text);

/// Who wrote a commit, when and why; for people.
struct CommitInfo {
  std::string author;
  std::string subject;    ///< the first line of the message
  std::int64_t time = 0;  ///< seconds since 1970, the committer's
};

/// The files of one commit, read from the object store as they are asked for. No work tree, so no hooks, filters or links.
///
/// Belongs to one thread at a time.
class CommitTree {
 public:
  ~CommitTree();
  /// The bytes of a file. Errors: not_found; denied, if the path is a symbolic link or a submodule, naming it; invalid, too
  /// large.
  Result<std::string> read(std::string_view path);
  bool is_file(std::string_view path) const;
  bool is_folder(std::string_view path) const;
  /// The names in a folder ("" is the root), folders with a slash at their end; nothing if it is no folder.
  std::vector<std::string> list(std::string_view folder) const;
  /// All files below `folder`, paths relative to it. Fails on the first link or submodule in it.
  Result<Tree> subtree(std::string_view folder);

 private:
  friend class GitMirror;
  struct State;
  explicit CommitTree(std::unique_ptr<State> state);
  /// Of what `git ls-tree -r -z -l` printed; `batch` is the `git cat-file --batch` that has the files.
  static Result<std::unique_ptr<CommitTree>> of_listing(std::string_view text, const GitLimits& limits, ProcessRequest batch);
  std::unique_ptr<State> state_;
};

/// A bare copy of one repository, kept in a folder of ours and filled by the `git` program.
///
/// All calls block, for a worker thread. Errors: unavailable (remote down, refused, cut), timeout, denied (credentials),
/// not_found (no such branch or commit), invalid (limits). What git says is quoted with credentials taken out, behind one of the
/// stable codes of git_failure().
class GitMirror {
 public:
  GitMirror(std::filesystem::path folder, Remote remote, GitLimits limits = {});

  /// The commits that the remote's branches ("refs/heads/main") and tags point to now.
  Result<std::map<std::string, std::string>> remote_refs();
  /// The commit at the head of a branch or tag now: `ref` is "refs/heads/main", "refs/tags/v1" or a bare branch or tag name.
  Result<std::string> head_of(std::string_view ref);
  /// Brings the commit here unless it is here already, and checks that it is the one asked for.
  Result<> fetch(std::string_view sha);
  Result<CommitInfo> info(std::string_view sha);
  Result<std::unique_ptr<CommitTree>> open(std::string_view sha);

 private:
  Result<ProcessResult> run(std::vector<std::string> arguments, std::chrono::milliseconds limit, std::size_t output_limit);
  /// What git prints when it talks to the remote. Errors: as git_failure() says.
  Result<std::string> ask_remote(std::vector<std::string> arguments, std::chrono::milliseconds limit, std::size_t output_limit);
  /// What it prints about what is here already.
  Result<std::string> ask_mirror(std::vector<std::string> arguments, std::size_t output_limit);
  Result<> prepare();
  std::uint64_t clear_unfinished_packs();

  std::filesystem::path folder_;
  Remote remote_;
  GitLimits limits_;
  bool prepared_ = false;
};

}  // namespace sluice::source
