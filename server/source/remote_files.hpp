#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"
#include "core/helmfile/address.hpp"
#include "core/helmfile/outside.hpp"
#include "server/source/download.hpp"
#include "server/source/git.hpp"

namespace sluice::source {

struct RemoteRules {
  std::filesystem::path cache;  ///< where mirrors of git repositories are kept
  DownloadRules download = {};
  /// Whether that repository or file may be read. Errors: denied, with what to do.
  std::function<Result<>(const std::string& url)> may_read = {};
};

/// What was read from elsewhere, for the record.
struct RemoteSource {
  std::string url;
  std::string identity;  ///< the commit, or the SHA-256 of the file
};

/// Files that a helmfile names by an address: of git repositories ("git::https://host/x.git@path?ref=v1") and single ones at
/// https://. Each gets a path below a root of its own, beside the files that are there. Blocks; one thread at a time.
class RemoteFiles {
 public:
  explicit RemoteFiles(RemoteRules rules) : rules_(std::move(rules)), downloader_(rules_.download) {}

  /// Gives what stands at an http(s) address; keeps `remote` alive.
  static std::function<Result<std::string>(const std::string& url)> reader(std::shared_ptr<RemoteFiles> remote);

  /// Lets `outside` read them too; keeps `remote` alive.
  static void connect(std::shared_ptr<RemoteFiles> remote, helmfile::Outside& outside);

  /// The path of what stands at `address`. Errors: denied, invalid, not_found, unavailable, timeout; unsupported, for other
  /// kinds of addresses.
  Result<std::string> fetch(const std::string& address);

  /// Whether it is a path that `fetch` gave, or in the same folder: no place on this machine.
  static bool is_remote_path(const std::string& path);

  const std::vector<RemoteSource>& sources() const { return sources_; }

 private:
  struct Mount {
    std::unique_ptr<CommitTree> commit;
    Tree tree;
    helmfile::Files files;
  };
  Result<std::string> fetch_from_git(const helmfile::GitAddress& address);
  Result<std::string> fetch_file(const std::string& url);
  /// Whose path it is, and what is left of the path; null for one of the helmfile's own.
  const Mount* find_mount(const std::string& path, std::string& rest) const;

  RemoteRules rules_;
  Downloader downloader_;
  std::map<std::string, Mount> mounts_;  ///< by their path
  std::vector<RemoteSource> sources_;
};

/// Allows what one of `prefixes` begins: "https://github.com/me/", or one repository or file. `where` they are listed is for the
/// error.
std::function<Result<>(const std::string&)> listed_sources(std::vector<std::string> prefixes, std::string where);

}  // namespace sluice::source
