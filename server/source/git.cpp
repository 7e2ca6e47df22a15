#include "server/source/git.hpp"

#include <algorithm>
#include <charconv>

#include "server/base/failpoint.hpp"
#include "server/base/files.hpp"
#include "server/base/log_text.hpp"
#include "server/base/process.hpp"

namespace sluice::source {

bool is_commit_sha(std::string_view text) {
  if (text.size() != 40 && text.size() != 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

GitMirror::GitMirror(std::filesystem::path folder, Remote remote, GitLimits limits)
    : folder_(std::move(folder)), remote_(std::move(remote)), limits_(limits) {}

/// Runs git and takes what it says, whatever its exit code.
Result<ProcessResult> GitMirror::run(std::vector<std::string> arguments, std::chrono::milliseconds limit, std::size_t output_limit) {
  ProcessRequest request;
  request.arguments = {"git", "--git-dir=" + (folder_ / "mirror.git").string(), "-c", "core.symlinks=false"};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(request.arguments));
  request.environment = git_environment(remote_, folder_);
  request.limit = limit;
  request.output_limit = output_limit;
  request.file_size_limit = limits_.pack_size;
  auto credential = credential_answer(remote_);
  if (!credential) return std::move(credential).error();
  if (*credential) request.descriptors = {{credential->get(), credential_descriptor}};
  return run_process(request);
}

Result<std::string> GitMirror::ask_remote(std::vector<std::string> arguments, std::chrono::milliseconds limit, std::size_t output_limit) {
  auto result = run(std::move(arguments), limit, output_limit);
  if (!result && result.error().code == Errc::timeout) {
    const auto seconds = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count());
    return Error{Errc::timeout, "git-unreachable: no end after " + seconds + " s; is the host reachable, does a firewall drop packets?"};
  }
  if (!result) return std::move(result).error();
  if (result->exit_code != 0) return git_failure(remote_, result->exit_code, std::move(result->error_output));
  return std::move(result->output);
}

Result<std::string> GitMirror::ask_mirror(std::vector<std::string> arguments, std::size_t output_limit) {
  auto result = run(std::move(arguments), std::chrono::seconds(30), output_limit);
  if (!result) return std::move(result).error();
  if (result->exit_code == 0) return std::move(result->output);
  return Error{Errc::unavailable, "git ended with exit code " + std::to_string(result->exit_code) + ": " + shown(result->error_output, 500)};
}

Result<> GitMirror::prepare() {
  if (prepared_) return {};
  if (auto good = check_remote(remote_); !good) return good;
  std::error_code failed;
  std::filesystem::create_directories(folder_ / "home", failed);
  if (failed) return Error{Errc::unavailable, "making " + folder_.string() + ": " + failed.message()};
  if (auto done = write_file(folder_ / "config", git_configuration(remote_)); !done) return std::move(done).error();
  if (!std::filesystem::exists(folder_ / "mirror.git" / "HEAD")) {
    auto made = ask_mirror({"init", "--quiet", "--bare", "--template="}, 1 << 16);
    if (!made) return std::move(made).error().during("making a bare repository");
  }
  prepared_ = true;
  return {};
}

Result<std::map<std::string, std::string>> GitMirror::remote_refs() {
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  auto answer = ask_remote({"ls-remote", "--quiet", "--heads", "--tags", "--", remote_.url}, limits_.ask_time, 16u << 20);
  if (!answer) return std::move(answer).error().during("asking the repository for its branches");
  std::map<std::string, std::string> refs;
  std::string_view text = *answer;
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

/// What a fetch that was killed or refused has left. Returns the size of the largest.
std::uint64_t GitMirror::clear_unfinished_packs() {
  std::uint64_t largest = 0;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "mirror.git" / "objects" / "pack", failed)) {
    if (!entry.path().filename().string().starts_with("tmp_")) continue;
    std::error_code ignored;
    largest = std::max<std::uint64_t>(largest, entry.file_size(ignored));
    std::filesystem::remove(entry.path(), ignored);
  }
  return largest;
}

Result<> GitMirror::fetch(std::string_view sha) {
  if (!is_commit_sha(sha)) return Error{Errc::invalid, "\"" + std::string(sha) + "\" is not a full commit id"};
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  if (auto planted = failpoint("git.started")) return *planted;
  const std::string id(sha);
  const auto is_here = [&] { return ask_mirror({"cat-file", "-e", id + "^{commit}"}, 1 << 16).has_value(); };
  const std::string kept = "refs/sluice/" + id;
  if (!is_here()) {
    auto fetched = ask_remote({"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                        "--no-auto-maintenance", "--end-of-options", remote_.url, id + ":" + kept},
                       limits_.fetch_time, 1 << 20);
    const std::uint64_t written = clear_unfinished_packs();
    if (!fetched && written >= limits_.pack_size) {
      return Error{Errc::invalid, "fetching commit " + id + ": git-limit: the repository sends more than " + std::to_string(limits_.pack_size) + " bytes"};
    }
    if (!fetched) return std::move(fetched).error().during("fetching commit " + id);
    if (!is_here()) return Error{Errc::not_found, "fetching commit " + id + ": git-object-mismatch: what was fetched is not that commit"};
  }
  if (auto planted = failpoint("git.fetched")) return *planted;
  return {};
}

Result<CommitInfo> GitMirror::info(std::string_view sha) {
  if (!is_commit_sha(sha)) return Error{Errc::invalid, "\"" + std::string(sha) + "\" is not a full commit id"};
  auto answer = ask_mirror({"log", "-1", "--no-show-signature", "--format=%ct%x00%an%x00%s", "--end-of-options", std::string(sha)}, 1 << 20);
  if (!answer) return std::move(answer).error().during("reading commit " + std::string(sha));
  const std::string_view text = *answer;
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

Result<std::unique_ptr<CommitTree>> GitMirror::open(std::string_view sha) {
  if (!is_commit_sha(sha)) return Error{Errc::invalid, "\"" + std::string(sha) + "\" is not a full commit id"};
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  auto listing = ask_mirror({"ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", std::string(sha)}, 64u << 20);
  if (!listing) return std::move(listing).error().during("listing commit " + std::string(sha));
  ProcessRequest batch;
  batch.arguments = {"git", "--git-dir=" + (folder_ / "mirror.git").string(), "cat-file", "--batch"};
  batch.environment = git_environment(remote_, folder_);
  batch.limit = std::chrono::seconds(30);
  return CommitTree::of_listing(*listing, limits_, std::move(batch));
}

}  // namespace sluice::source
