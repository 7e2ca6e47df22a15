#include "server/source/remote_files.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/helmfile/paths.hpp"
#include "server/net/url.hpp"
#include "server/source/commit_files.hpp"

namespace sluice::source {

namespace {

/// No path of a file that is there begins so.
constexpr std::string_view root = "/remote::";

std::string without_scheme(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(scheme + 3);
}

/// "/remote::/host/repository.git@v1"
std::string mount_path(const std::string& url, std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return helmfile::clean_path(std::string(root) + "/" + without_scheme(url) + (name.empty() ? "" : "@" + name));
}

}  // namespace

std::function<Result<std::string>(const std::string& url)> RemoteFiles::reader(std::shared_ptr<RemoteFiles> remote) {
  return [remote](const std::string& url) -> Result<std::string> {
    auto path = remote->fetch(url);
    if (!path) return path;
    std::string rest;
    const Mount* mount = remote->find_mount(*path, rest);
    return mount->files.read(rest);
  };
}

void RemoteFiles::connect(std::shared_ptr<RemoteFiles> remote, helmfile::Outside& outside) {
  const helmfile::Files own = outside.files;
  outside.files.read = [remote, own](const std::string& path) -> Result<std::string> {
    std::string rest;
    const Mount* mount = remote->find_mount(path, rest);
    if (!mount) return own.read(path);
    auto bytes = mount->files.read(rest);
    return bytes ? std::move(bytes) : Result<std::string>(std::move(bytes).error().during(path));
  };
  outside.files.kind = [remote, own](const std::string& path) {
    std::string rest;
    const Mount* mount = remote->find_mount(path, rest);
    return mount ? mount->files.kind(rest) : own.kind(path);
  };
  outside.files.list = [remote, own](const std::string& path) {
    std::string rest;
    const Mount* mount = remote->find_mount(path, rest);
    return mount ? mount->files.list(rest) : own.list(path);
  };
  outside.fetch = [remote](const std::string& address) { return remote->fetch(address); };
}

bool RemoteFiles::is_remote_path(const std::string& path) { return path.starts_with(root); }

const RemoteFiles::Mount* RemoteFiles::find_mount(const std::string& path, std::string& rest) const {
  if (!path.starts_with(root)) return nullptr;
  const Mount* found = nullptr;
  std::size_t longest = 0;
  for (const auto& [at, mount] : mounts_) {
    const bool inside = path == at || path.starts_with(at + "/");
    if (!inside || at.size() < longest) continue;
    found = &mount;
    longest = at.size();
    rest = path == at ? "." : path.substr(at.size() + 1);
  }
  return found;
}

Result<std::string> RemoteFiles::fetch(const std::string& address) {
  if (address.starts_with("git::")) {
    auto git = helmfile::parse_git_address(address);
    if (!git) return std::move(git).error().during("\"" + address + "\"");
    auto path = fetch_from_git(*git);
    return path ? std::move(path) : Result<std::string>(std::move(path).error().during("\"" + shown_url(address) + "\""));
  }
  if (address.starts_with("https://") || address.starts_with("http://")) {
    auto path = fetch_file(address);
    return path ? std::move(path) : Result<std::string>(std::move(path).error().during("\"" + shown_url(address) + "\""));
  }
  return Error{Errc::unsupported, "\"" + shown_url(address) + "\": files from other addresses are read by git:: and https:// only"};
}

Result<std::string> RemoteFiles::fetch_from_git(const helmfile::GitAddress& address) {
  const std::string at = mount_path(address.url, address.ref);
  const std::string path = helmfile::join_path(at, address.path);
  if (mounts_.contains(at)) return path;
  if (auto allowed = rules_.may_read(address.url); !allowed) return std::move(allowed).error();
  if (rules_.cache.empty()) return Error{Errc::unavailable, "there is no folder to keep it in"};
  Remote remote;
  remote.url = address.url.starts_with("file://") ? address.url.substr(7) : address.url;
  GitMirror mirror(rules_.cache / "git" / to_hex(sha256(address.url)), remote);
  std::string commit = address.ref;
  if (!is_commit_sha(commit)) {
    auto head = mirror.head_of(commit);
    if (!head) return std::move(head).error();
    commit = std::move(*head);
  }
  if (auto fetched = mirror.fetch(commit); !fetched) return std::move(fetched).error();
  auto opened = mirror.open(commit);
  if (!opened) return std::move(opened).error();
  Mount& mount = mounts_[at];
  mount.commit = std::move(*opened);
  mount.files = files_of(*mount.commit);
  sources_.push_back({address.url, commit});
  return path;
}

Result<std::string> RemoteFiles::fetch_file(const std::string& url) {
  auto parsed = net::parse_url(url);
  if (!parsed) return std::move(parsed).error();
  const std::size_t question = parsed->target.find('?');
  const std::string name = parsed->target.substr(0, question);
  const std::string query = question == std::string::npos ? "" : to_hex(sha256(parsed->target.substr(question))).substr(0, 8);
  const std::string at = mount_path(parsed->origin(), query);
  const std::string inside = helmfile::clean_path(name).substr(1);
  Mount& mount = mounts_[at];
  if (!mount.files.read) mount.files = helmfile::files_of(mount.tree);
  if (mount.tree.contains(inside)) return at + "/" + inside;
  if (auto allowed = rules_.may_read(url); !allowed) return std::move(allowed).error();
  auto answer = downloader_.get({.url = url});
  if (!answer) return std::move(answer).error();
  if (answer->status != 200) return bad_status(url, answer->status);
  sources_.push_back({shown_url(url), to_hex(sha256(answer->body))});
  mount.tree.emplace(inside, std::move(answer->body));
  return at + "/" + inside;
}

std::function<Result<>(const std::string&)> listed_sources(std::vector<std::string> prefixes, std::string where) {
  return [prefixes = std::move(prefixes), where = std::move(where)](const std::string& url) -> Result<> {
    const bool climbs = url.find("/../") != std::string::npos || url.ends_with("/..") || url.find('%') != std::string::npos;
    const bool listed = std::any_of(prefixes.begin(), prefixes.end(), [&url](const std::string& prefix) {
      if (prefix.empty() || !url.starts_with(prefix)) return false;
      return url.size() == prefix.size() || prefix.ends_with('/') || url[prefix.size()] == '/' || url[prefix.size()] == '?';
    });
    if (listed && !climbs) return {};
    return Error{Errc::denied, "remote-denied: it is not among the addresses that may be read: list it in " + where};
  };
}

}  // namespace sluice::source
