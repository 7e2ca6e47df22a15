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
#include "core/base/secret.hpp"
#include "core/base/tree.hpp"

namespace sluice::source {

/// Where a repository is, and what opens it. From the configuration, never from a payload.
struct Remote {
  std::string url;               ///< https://…, ssh://… or git@host:path, or an absolute local path
  Secret token;                  ///< of an https remote; sent to that remote's host only
  std::string ssh_key_file;      ///< of an ssh remote
  std::string known_hosts_file;  ///< of an ssh remote: the pinned host keys; required
};

struct GitLimits {
  std::chrono::milliseconds fetch_time = std::chrono::seconds(120);
  std::uint64_t pack_size = 1ull << 30;
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
  std::unique_ptr<State> state_;
};

/// A bare copy of one repository, kept in a folder of ours and filled by the `git` program.
///
/// All calls block, for a worker thread. Errors: unavailable (remote down, refused, cut), timeout, denied (credentials),
/// not_found (no such branch or commit), invalid (limits). What git says is quoted with credentials taken out.
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
  struct Answer;
  Result<Answer> git(std::vector<std::string> arguments, std::chrono::milliseconds limit, std::size_t output_limit);
  Result<> prepare();
  std::vector<std::string> environment() const;

  std::filesystem::path folder_;
  Remote remote_;
  GitLimits limits_;
  bool prepared_ = false;
};

}  // namespace sluice::source
