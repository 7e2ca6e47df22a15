#include "server/source/git_remote.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace sluice::source {

namespace {

// The helper answers from a descriptor that only git and its children hold; `cat` opens it anew, so it can be read twice.
constexpr std::string_view credential_helper = "!f() { test \"$1\" = get && cat /proc/self/fd/9; }; f";

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

std::string_view allowed_protocol(Scheme scheme) {
  switch (scheme) {
    case Scheme::https: return "https";
    case Scheme::ssh: return "ssh";
    default: return "file";
  }
}

std::string shell_quoted(const std::string& path) {
  std::string text = "'";
  for (const char c : path) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

/// Only the pinned keys and the one key file count: nothing of the user's or the system's settings, agents or passwords.
std::string ssh_command(const Remote& remote) {
  std::string command = "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o GlobalKnownHostsFile=/dev/null";
  command += " -o UserKnownHostsFile=" + shell_quoted(remote.known_hosts_file);
  command += " -o PreferredAuthentications=publickey -o IdentitiesOnly=yes -o IdentityAgent=none";
  command += " -o IdentityFile=" + (remote.ssh_key_file.empty() ? "none" : shell_quoted(remote.ssh_key_file));
  command += " -o ClearAllForwardings=yes -o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=3";
  return command;
}

Result<> check_readable(const std::string& file, std::string_view what) {
  if (::access(file.c_str(), R_OK) == 0) return {};
  return Error{errno == ENOENT ? Errc::not_found : Errc::denied, std::string(what) + " " + file + ": " + errno_text(errno)};
}

}  // namespace

Scheme scheme_of(std::string_view url) {
  if (url.starts_with("https://")) return Scheme::https;
  if (url.starts_with("ssh://")) return Scheme::ssh;
  if (url.starts_with("/")) return Scheme::local;
  const auto colon = url.find(':');
  const bool scp_form = colon != std::string_view::npos && url.find("://") == std::string_view::npos && url.find('@') < colon;
  return scp_form && !url.starts_with("-") ? Scheme::ssh : Scheme::unknown;
}

Result<> check_remote(const Remote& remote) {
  switch (scheme_of(remote.url)) {
    case Scheme::unknown:
      return Error{Errc::invalid,
                   "repository URL \"" + remote.url + "\": expected https://…, ssh://…, git@host:path or an absolute path"};
    case Scheme::ssh:
      if (remote.known_hosts_file.empty()) {
        return Error{Errc::invalid, "repository URL \"" + remote.url + "\": ssh needs known_hosts with the host's pinned key"};
      }
      return check_readable(remote.known_hosts_file, "known_hosts");
    case Scheme::https:
      if (remote.certificate_authority.empty()) return {};
      return check_readable(remote.certificate_authority, "certificate_authority");
    case Scheme::local: return {};
  }
  return {};
}

std::string git_configuration(const Remote& remote) {
  std::string text =
      "[core]\n\thooksPath = /dev/null\n\tfsmonitor = false\n\taskPass =\n"
      "[transfer]\n\tfsckObjects = true\n\tbundleURI = false\n"
      // one pack a fetch, whose size can be limited, instead of loose files, whose number can not
      "[fetch]\n\trecurseSubmodules = false\n\tunpackLimit = 1\n"
      "[http]\n\tfollowRedirects = false\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 30\n\tsslVerify = true\n\tsslVersion = tlsv1.2\n"
      "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[protocol]\n\tversion = 2\n[credential]\n\thelper =\n";
  switch (scheme_of(remote.url)) {
    case Scheme::https:
      if (!remote.certificate_authority.empty()) {
        // instead of the system's authorities, not beside them
        text += "[http]\n\tsslCAInfo = " + config_quoted(remote.certificate_authority) + "\n\tsslCAPath = /dev/null\n";
      }
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

std::vector<std::string> git_environment(const Remote& remote, const std::filesystem::path& folder) {
  const char* path = std::getenv("PATH");
  const Scheme scheme = scheme_of(remote.url);
  std::vector<std::string> variables{
      "PATH=" + std::string(path ? path : "/usr/bin:/bin"),
      "HOME=" + (folder / "home").string(),
      "GIT_CONFIG_NOSYSTEM=1",
      "GIT_CONFIG_GLOBAL=" + (folder / "config").string(),
      "GIT_TERMINAL_PROMPT=0",
      "GIT_ALLOW_PROTOCOL=" + std::string(allowed_protocol(scheme)),
      "GIT_PROTOCOL_FROM_USER=0",
      "GIT_NO_LAZY_FETCH=1",
      "GIT_LFS_SKIP_SMUDGE=1",
      "LC_ALL=C",
  };
  if (scheme == Scheme::ssh) variables.push_back("GIT_SSH_COMMAND=" + ssh_command(remote));
  return variables;
}

Result<Fd> credential_answer(const Remote& remote) {
  if (remote.token.empty() || scheme_of(remote.url) != Scheme::https) return Fd();
  Fd file(::memfd_create("git-credential", MFD_CLOEXEC));
  if (!file) return Error{Errc::unavailable, "making a file in memory: " + errno_text(errno)};
  std::string answer = "username=" + remote.user + "\npassword=" + remote.token.reveal() + "\n";
  const ssize_t written = ::write(file.get(), answer.data(), answer.size());
  const bool whole = written == static_cast<ssize_t>(answer.size());
  std::fill(answer.begin(), answer.end(), '\0');
  if (!whole) return Error{Errc::unavailable, "writing to a file in memory: " + errno_text(errno)};
  return file;
}

}  // namespace sluice::source
