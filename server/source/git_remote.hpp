#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "server/base/files.hpp"

namespace sluice::source {

/// Where a repository is, and what opens it. From the configuration, never from a payload.
struct Remote {
  std::string url;                         ///< https://…, ssh://… or git@host:path, or an absolute local path
  std::string user = "x-access-token";     ///< of an https remote, beside the token; GitHub takes any
  Secret token = {};                       ///< of an https remote; sent to that remote's host only
  std::string certificate_authority = {};  ///< path of a PEM file: who signed an https remote; empty: whom the system trusts
  std::string ssh_key_file = {};           ///< of an ssh remote
  std::string known_hosts_file = {};       ///< of an ssh remote: the pinned host keys; required
};

enum class Scheme { https, ssh, local, unknown };
Scheme scheme_of(std::string_view url);

/// What of the remote would not work whatever the server says. Errors: invalid, not_found; they name the URL or the file.
Result<> check_remote(const Remote& remote);

/// All of git's configuration that it will ever see here: verified TLS, no redirects, hooks, submodules or prompts.
std::string git_configuration(const Remote& remote);

/// All of git's environment. `folder` has git_configuration() in "config" and an empty folder "home".
std::vector<std::string> git_environment(const Remote& remote, const std::filesystem::path& folder);

/// The descriptor on which git's credential helper finds its answer.
constexpr int credential_descriptor = 9;

/// An anonymous file with that answer; without a descriptor if the remote needs none. It is in no argument, environment or folder.
Result<Fd> credential_answer(const Remote& remote);

/// What it means that git failed with these last words: an Error that begins with a code of ours (git-unreachable, git-auth,
/// git-host-key, git-not-found, tls-verify), says what to look at, and quotes git without the token.
Error git_failure(const Remote& remote, int exit_code, std::string words);

}  // namespace sluice::source
