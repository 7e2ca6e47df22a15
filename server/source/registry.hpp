#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "server/source/chart_index.hpp"
#include "server/source/download.hpp"

namespace sluice::source {

/// "oci://host[:port]/path", taken apart. Errors: invalid.
struct RegistryName {
  std::string host;  ///< with its port
  std::string path;  ///< "bitnamicharts/redis"
};
Result<RegistryName> parse_registry_name(std::string_view reference);

/// The realm and parameters of `WWW-Authenticate: Bearer realm="...",service="...",scope="..."`.
struct Challenge {
  std::string scheme;  ///< lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;
};
Challenge parse_challenge(std::string_view header);

/// May the password for `host` go to a token service at `realm_host`: the same host, the domain that it lies under
/// (registry.gitlab.com and gitlab.com), or Docker Hub's own pair?
/// Why not any host of one domain: who may register a name beside another differs from domain to domain (co.uk, github.io).
bool may_give_password(const std::string& host, const std::string& realm_host);

/// Reads charts from an OCI registry: anonymous, with Basic authentication, or with tokens fetched for it.
/// Follows: Helm 3.17, pkg/registry, and the OCI distribution specification.
class Registry {
 public:
  /// `origin` is where its API is asked: "https://host", or a mirror's. Both must outlive it.
  Registry(Downloader& downloader, const Access& access, std::string origin, RegistryName name)
      : downloader_(downloader), access_(access), origin_(std::move(origin)), name_(std::move(name)) {}

  /// The versions (tags that are strict semantic versions, `_` read as `+`), highest first.
  Result<std::vector<std::string>> versions();
  /// Whether there is a manifest (of an image, an index or a chart) under that tag or "sha256:…" digest.
  Result<bool> has(const std::string& tag);
  /// The archive of that version, checked against the digest of its manifest.
  Result<std::string> archive(const std::string& version);

 private:
  Result<Download> get(const std::string& path, const std::string& accept);
  Result<std::string> authorize(const Challenge& challenge);

  Downloader& downloader_;
  const Access& access_;
  std::string origin_;
  RegistryName name_;
  std::string authorization_;
};

}  // namespace sluice::source
