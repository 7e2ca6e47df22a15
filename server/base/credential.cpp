#include "server/base/credential.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "server/base/files.hpp"

namespace sluice {

static constexpr std::size_t credential_limit = 1 << 20;

std::string to_string(const CredentialSource& source) {
  switch (source.kind) {
    case CredentialSource::Kind::file: return "file " + source.name;
    case CredentialSource::Kind::credential: return "credential " + source.name;
    case CredentialSource::Kind::env: return "environment variable " + source.name;
  }
  return source.name;
}

Result<std::string> credential_path(const CredentialSource& source) {
  if (source.kind == CredentialSource::Kind::file) return source.name;
  if (source.kind == CredentialSource::Kind::env) return Error{Errc::invalid, to_string(source) + ": has no path"};
  if (source.name.empty() || source.name.find('/') != std::string::npos || source.name[0] == '.') {
    return Error{Errc::invalid, to_string(source) + ": expected a name without slash or leading dot"};
  }
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (!folder || !*folder) {
    return Error{Errc::not_found, to_string(source) + ": CREDENTIALS_DIRECTORY is not set; start sluice from its unit with LoadCredential=" +
                                      source.name + ":PATH, or name the file with {file: PATH}"};
  }
  return std::string(folder) + "/" + source.name;
}

/// Who else may read it. systemd gives the service its right through an access list, whose mask shows as the group's bits.
static Result<> check_private(const CredentialSource& source, const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return Error{errno == ENOENT ? Errc::not_found : Errc::unavailable, to_string(source) + ": " + errno_text(errno)};
  }
  if (!S_ISREG(info.st_mode)) return Error{Errc::invalid, to_string(source) + ": is not a regular file"};
  const mode_t others = source.kind == CredentialSource::Kind::credential ? 007 : 077;
  if ((info.st_mode & others) != 0) {
    return Error{Errc::denied, to_string(source) + ": other users may read it; close it with chmod 0600"};
  }
  return {};
}

static Result<Secret> without_last_break(std::string text, const CredentialSource& source) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return Error{Errc::invalid, to_string(source) + ": is empty"};
  return Secret(std::move(text));
}

Result<Secret> read_credential(const CredentialSource& source, EnvironmentSecrets environment) {
  if (source.kind == CredentialSource::Kind::env) {
    if (environment == EnvironmentSecrets::refuse) {
      return Error{Errc::denied, to_string(source) + ": the daemon takes no secret from its environment; use {file: PATH} or {credential: NAME}"};
    }
    const char* text = std::getenv(source.name.c_str());
    if (!text) return Error{Errc::not_found, to_string(source) + ": is not set"};
    return without_last_break(text, source);
  }
  auto path = credential_path(source);
  if (!path) return std::move(path).error();
  if (auto checked = check_private(source, *path); !checked) return std::move(checked).error();
  auto text = read_file(*path, credential_limit);
  if (!text) return std::move(text).error().during(to_string(source));
  return without_last_break(std::move(*text), source);
}

}  // namespace sluice
