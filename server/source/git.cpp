#include "server/source/git.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "server/base/failpoint.hpp"
#include "server/base/files.hpp"
#include "server/base/process.hpp"

namespace sluice::source {

namespace {

// The helper answers from a descriptor that only git and its children hold; `cat` opens it anew, so it can be read twice.
constexpr int credential_descriptor = 9;
constexpr std::string_view credential_helper = "!f() { test \"$1\" = get && cat /proc/self/fd/9; }; f";

enum class Scheme { https, ssh, local, unknown };

Scheme scheme_of(std::string_view url) {
  if (url.starts_with("https://")) return Scheme::https;
  if (url.starts_with("ssh://")) return Scheme::ssh;
  if (url.starts_with("/")) return Scheme::local;
  const auto colon = url.find(':');
  const bool scp_form = colon != std::string_view::npos && url.find("://") == std::string_view::npos && url.find('@') < colon;
  return scp_form && !url.starts_with("-") ? Scheme::ssh : Scheme::unknown;
}

/// "https://host[:port]" of an https URL.
std::string origin_of(const std::string& url) { return url.substr(0, url.find('/', 8)); }

std::string config_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

/// All of git's configuration that it will ever see here.
std::string config_file(const Remote& remote) {
  std::string text =
      "[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\taskPass =\n"
      "[transfer]\n\tfsckObjects = true\n\tbundleURI = false\n"
      "[fetch]\n\trecurseSubmodules = false\n"
      "[http]\n\tfollowRedirects = false\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 30\n"
      "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[protocol]\n\tversion = 2\n[credential]\n\thelper =\n";
  switch (scheme_of(remote.url)) {
    case Scheme::https:
      if (!remote.token.empty()) {
        text +=
            "[credential " + config_quoted(origin_of(remote.url)) + "]\n\thelper = " + config_quoted(credential_helper) + "\n";
      }
      break;
    case Scheme::local: text += "[safe]\n\tdirectory = *\n"; break;
    default: break;
  }
  return text;
}

std::string_view allowed_protocol(const Remote& remote) {
  switch (scheme_of(remote.url)) {
    case Scheme::https: return "https";
    case Scheme::ssh: return "ssh";
    default: return "file";
  }
}

std::string ssh_command(const Remote& remote) {
  const auto quoted = [](const std::string& path) {
    std::string text = "'";
    for (const char c : path) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
  };
  std::string command =
      "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -o IdentitiesOnly=yes";
  command += " -o UserKnownHostsFile=" + quoted(remote.known_hosts_file);
  if (!remote.ssh_key_file.empty()) command += " -i " + quoted(remote.ssh_key_file);
  return command;
}

/// An anonymous file with the answer of the credential helper.
Result<Fd> credential_file(const Secret& token) {
  Fd file(::memfd_create("git-credential", MFD_CLOEXEC));
  if (!file) return Error{Errc::unavailable, "making a file in memory: " + errno_text(errno)};
  std::string answer = "username=x-access-token\npassword=" + token.reveal() + "\n";
  const ssize_t written = ::write(file.get(), answer.data(), answer.size());
  const bool whole = written == static_cast<ssize_t>(answer.size());
  std::fill(answer.begin(), answer.end(), '\0');
  if (!whole) return Error{Errc::unavailable, "writing to a file in memory: " + errno_text(errno)};
  return file;
}

/// git's last words without what must not be repeated.
std::string scrubbed(std::string text, const Secret& token) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (!token.empty()) {
    for (auto at = text.find(token.reveal()); at != std::string::npos; at = text.find(token.reveal(), at)) {
      text.replace(at, token.reveal().size(), "***");
    }
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() > 500) text = text.substr(0, 500) + "…";
  return text;
}

/// What the caller can do about git's failure, from its words (git has no codes for it).
Errc classify(std::string_view words) {
  const auto says = [words](std::string_view part) { return words.find(part) != std::string_view::npos; };
  if (says("Authentication failed") || says("could not read Username") || says("Permission denied") || says("403"))
    return Errc::denied;
  if (says("not our ref") || says("couldn't find remote ref") || says("unadvertised object") || says("bad object"))
    return Errc::not_found;
  if (says("does not appear to be a git repository") || says("not found")) return Errc::not_found;
  return Errc::unavailable;
}

bool is_clean(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

bool is_commit_sha(std::string_view text) {
  if (text.size() != 40 && text.size() != 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct GitMirror::Answer {
  std::string output;
};

GitMirror::GitMirror(std::filesystem::path folder, Remote remote, GitLimits limits)
    : folder_(std::move(folder)), remote_(std::move(remote)), limits_(limits) {}

std::vector<std::string> GitMirror::environment() const {
  const char* path = std::getenv("PATH");
  std::vector<std::string> variables{
      "PATH=" + std::string(path ? path : "/usr/bin:/bin"),
      "HOME=" + (folder_ / "home").string(),
      "GIT_CONFIG_NOSYSTEM=1",
      "GIT_CONFIG_GLOBAL=" + (folder_ / "config").string(),
      "GIT_TERMINAL_PROMPT=0",
      "GIT_ALLOW_PROTOCOL=" + std::string(allowed_protocol(remote_)),
      "GIT_PROTOCOL_FROM_USER=0",
      "GIT_NO_LAZY_FETCH=1",
      "GIT_LFS_SKIP_SMUDGE=1",
      "LC_ALL=C",
  };
  if (scheme_of(remote_.url) == Scheme::ssh) variables.push_back("GIT_SSH_COMMAND=" + ssh_command(remote_));
  return variables;
}

Result<GitMirror::Answer> GitMirror::git(std::vector<std::string> arguments, std::chrono::milliseconds limit,
                                         std::size_t output_limit) {
  ProcessRequest request;
  request.arguments = {"git", "--git-dir=" + (folder_ / "mirror.git").string(), "-c", "core.symlinks=false"};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(request.arguments));
  request.environment = environment();
  request.limit = limit;
  request.output_limit = output_limit;
  Fd credential;
  if (!remote_.token.empty() && scheme_of(remote_.url) == Scheme::https) {
    auto file = credential_file(remote_.token);
    if (!file) return std::move(file).error();
    credential = std::move(*file);
    request.descriptors = {{credential.get(), credential_descriptor}};
  }
  auto result = run_process(request);
  if (!result) return std::move(result).error();
  if (result->exit_code != 0) {
    std::string words = scrubbed(std::move(result->error_output), remote_.token);
    const Errc code = classify(words);
    return Error{code, words.empty() ? "git ended with exit code " + std::to_string(result->exit_code) : words};
  }
  return Answer{std::move(result->output)};
}

Result<> GitMirror::prepare() {
  if (prepared_) return {};
  if (scheme_of(remote_.url) == Scheme::unknown) {
    return Error{Errc::invalid,
                 "repository URL \"" + remote_.url + "\": expected https://…, ssh://…, git@host:path or an absolute path"};
  }
  if (scheme_of(remote_.url) == Scheme::ssh && remote_.known_hosts_file.empty()) {
    return Error{Errc::invalid, "repository URL \"" + remote_.url + "\": ssh needs known_hosts with the host's pinned key"};
  }
  std::error_code failed;
  std::filesystem::create_directories(folder_ / "home", failed);
  if (failed) return Error{Errc::unavailable, "making " + folder_.string() + ": " + failed.message()};
  if (auto done = write_file(folder_ / "config", config_file(remote_)); !done) return std::move(done).error();
  if (!std::filesystem::exists(folder_ / "mirror.git" / "HEAD")) {
    auto made = git({"init", "--quiet", "--bare", "--template="}, std::chrono::seconds(10), 1 << 16);
    if (!made) return std::move(made).error().during("making a bare repository");
  }
  prepared_ = true;
  return {};
}

Result<std::map<std::string, std::string>> GitMirror::remote_refs() {
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  auto answer = git({"ls-remote", "--quiet", "--heads", "--tags", "--", remote_.url}, std::chrono::seconds(30), 16u << 20);
  if (!answer) return std::move(answer).error().during("asking the repository for its branches");
  std::map<std::string, std::string> refs;
  std::string_view text = answer->output;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos || !is_commit_sha(line.substr(0, tab))) continue;
    std::string name(line.substr(tab + 1));
    // An annotated tag is followed by the commit that it names.
    if (name.ends_with("^{}")) name.resize(name.size() - 3);
    refs[name] = line.substr(0, tab);
  }
  return refs;
}

Result<std::string> GitMirror::head_of(std::string_view ref) {
  auto refs = remote_refs();
  if (!refs) {
    // not_found is said of a branch alone: a repository that is not there tells nothing about its branches
    Error error = std::move(refs).error();
    if (error.code == Errc::not_found) error.code = Errc::unavailable;
    return error;
  }
  const std::string name(ref);
  for (const auto& full : {name, "refs/heads/" + name, "refs/tags/" + name}) {
    if (const auto found = refs->find(full); found != refs->end()) return found->second;
  }
  return Error{Errc::not_found, "the repository has no branch or tag \"" + name + "\""};
}

Result<> GitMirror::fetch(std::string_view sha) {
  if (!is_commit_sha(sha)) return Error{Errc::invalid, "\"" + std::string(sha) + "\" is not a full commit id"};
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  if (auto planted = failpoint("git.started")) return *planted;
  const std::string id(sha);
  const auto is_here = [&] { return git({"cat-file", "-e", id + "^{commit}"}, std::chrono::seconds(30), 1 << 16).has_value(); };
  const std::string kept = "refs/sluice/" + id;
  if (!is_here()) {
    auto fetched = git({"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                        "--no-auto-maintenance", "--end-of-options", remote_.url, id + ":" + kept},
                       limits_.fetch_time, 1 << 20);
    if (!fetched) return std::move(fetched).error().during("fetching commit " + id);
    if (!is_here()) return Error{Errc::not_found, "fetching commit " + id + ": what was fetched is not that commit"};
  }
  if (auto planted = failpoint("git.fetched")) return *planted;
  return {};
}

Result<CommitInfo> GitMirror::info(std::string_view sha) {
  if (!is_commit_sha(sha)) return Error{Errc::invalid, "\"" + std::string(sha) + "\" is not a full commit id"};
  auto answer = git({"log", "-1", "--no-show-signature", "--format=%ct%x00%an%x00%s", "--end-of-options", std::string(sha)},
                    std::chrono::seconds(30), 1 << 20);
  if (!answer) return std::move(answer).error().during("reading commit " + std::string(sha));
  const std::string_view text = answer->output;
  const auto first = text.find('\0');
  const auto second = text.find('\0', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos)
    return Error{Errc::invalid, "git log printed something else"};
  CommitInfo info;
  std::from_chars(text.data(), text.data() + first, info.time);
  info.author = text.substr(first + 1, second - first - 1);
  info.subject = text.substr(second + 1);
  while (!info.subject.empty() && info.subject.back() == '\n') info.subject.pop_back();
  return info;
}

struct CommitTree::State {
  struct Entry {
    std::string object;
    std::size_t size = 0;
    char type = 'f';  // f file, l link, s submodule
  };
  std::map<std::string, Entry, std::less<>> entries;
  std::optional<Conversation> objects;
  ProcessRequest batch;
  GitLimits limits;

  Result<std::string> read_object(const Entry& entry, std::string_view path);
};

Result<std::string> CommitTree::State::read_object(const Entry& entry, std::string_view path) {
  if (entry.type == 'l')
    return Error{Errc::denied, "path-outside-tree: " + std::string(path) + " is a symbolic link; links are not followed"};
  if (entry.type == 's')
    return Error{Errc::denied, "path-outside-tree: " + std::string(path) + " is a submodule; submodules are not fetched"};
  if (entry.size > limits.file_size) {
    return Error{Errc::invalid,
                 std::string(path) + " has " + std::to_string(entry.size) + " bytes, limit " + std::to_string(limits.file_size)};
  }
  if (!objects) {
    auto started = Conversation::start(batch);
    if (!started) return std::move(started).error();
    objects = std::move(*started);
  }
  if (auto asked = objects->write(entry.object + "\n"); !asked) return std::move(asked).error();
  auto header = objects->read_line();
  if (!header) return std::move(header).error().during("reading " + std::string(path));
  if (*header != entry.object + " blob " + std::to_string(entry.size)) {
    return Error{Errc::unavailable, "reading " + std::string(path) + ": git answered \"" + *header + "\""};
  }
  auto bytes = objects->read_exactly(entry.size + 1);
  if (!bytes) return std::move(bytes).error().during("reading " + std::string(path));
  bytes->pop_back();
  return bytes;
}

CommitTree::CommitTree(std::unique_ptr<State> state) : state_(std::move(state)) {}
CommitTree::~CommitTree() = default;

Result<std::string> CommitTree::read(std::string_view path) {
  if (!is_clean(path))
    return Error{Errc::denied, "path-outside-tree: \"" + std::string(path) + "\" is not a path inside the repository"};
  const auto found = state_->entries.find(path);
  if (found != state_->entries.end()) return state_->read_object(found->second, path);
  // A link or submodule on the way explains more than "not found".
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const auto parent = state_->entries.find(path.substr(0, slash));
    if (parent != state_->entries.end() && parent->second.type != 'f') return state_->read_object(parent->second, parent->first);
  }
  return Error{Errc::not_found, "no file " + std::string(path) + " in this commit"};
}

bool CommitTree::is_file(std::string_view path) const {
  const auto found = state_->entries.find(path);
  return found != state_->entries.end() && found->second.type == 'f';
}

bool CommitTree::is_folder(std::string_view path) const {
  if (path.empty()) return true;
  const std::string prefix = std::string(path) + "/";
  const auto next = state_->entries.lower_bound(prefix);
  return next != state_->entries.end() && next->first.starts_with(prefix);
}

std::vector<std::string> CommitTree::list(std::string_view folder) const {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  std::vector<std::string> names;
  for (auto at = state_->entries.lower_bound(prefix); at != state_->entries.end() && at->first.starts_with(prefix); ++at) {
    const std::string_view rest = std::string_view(at->first).substr(prefix.size());
    const auto slash = rest.find('/');
    std::string name(slash == std::string_view::npos ? rest : rest.substr(0, slash + 1));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

Result<Tree> CommitTree::subtree(std::string_view folder) {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  if (!prefix.empty() && !is_clean(folder)) {
    return Error{Errc::denied, "path-outside-tree: \"" + std::string(folder) + "\" is not a path inside the repository"};
  }
  Tree files;
  std::size_t total = 0;
  for (auto at = state_->entries.lower_bound(prefix); at != state_->entries.end() && at->first.starts_with(prefix); ++at) {
    total += at->second.size;
    if (total > state_->limits.tree_size) {
      return Error{Errc::invalid, std::string(folder) + " has more than " + std::to_string(state_->limits.tree_size) + " bytes"};
    }
    auto bytes = state_->read_object(at->second, at->first);
    if (!bytes) return std::move(bytes).error();
    files.emplace(at->first.substr(prefix.size()), std::move(*bytes));
  }
  if (files.empty()) return Error{Errc::not_found, "no folder " + std::string(folder) + " in this commit"};
  return files;
}

Result<std::unique_ptr<CommitTree>> GitMirror::open(std::string_view sha) {
  if (!is_commit_sha(sha)) return Error{Errc::invalid, "\"" + std::string(sha) + "\" is not a full commit id"};
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  auto answer = git({"ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", std::string(sha)}, std::chrono::seconds(30),
                    64u << 20);
  if (!answer) return std::move(answer).error().during("listing commit " + std::string(sha));
  auto state = std::make_unique<CommitTree::State>();
  state->limits = limits_;
  std::string_view text = answer->output;
  while (!text.empty()) {
    const auto end = std::min(text.find('\0'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    // "100644 blob <object> <size padded>\t<path>"
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const auto mode = line.substr(0, 6);
    const auto object_begin = line.find(' ', 7) + 1;
    const auto object_end = line.find(' ', object_begin);
    CommitTree::State::Entry entry;
    entry.object = line.substr(object_begin, object_end - object_begin);
    entry.type = mode == "120000" ? 'l' : mode == "160000" ? 's' : 'f';
    const auto size = line.find_first_not_of(' ', object_end);
    std::from_chars(line.data() + size, line.data() + tab, entry.size);
    std::string path(line.substr(tab + 1));
    if (!is_clean(path)) return Error{Errc::denied, "path-outside-tree: the commit has a file named \"" + path + "\""};
    state->entries.emplace(std::move(path), std::move(entry));
    if (state->entries.size() > limits_.file_count) {
      return Error{Errc::invalid, "the commit has more than " + std::to_string(limits_.file_count) + " files"};
    }
  }
  state->batch.arguments = {"git", "--git-dir=" + (folder_ / "mirror.git").string(), "cat-file", "--batch"};
  state->batch.environment = environment();
  state->batch.limit = std::chrono::seconds(30);
  return std::unique_ptr<CommitTree>(new CommitTree(std::move(state)));
}

}  // namespace sluice::source
