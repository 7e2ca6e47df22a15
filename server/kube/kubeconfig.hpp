#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "server/net/tls.hpp"

namespace sluice::kube {

/// How to reach a cluster and as whom.
struct Access {
  std::string server;  ///< "https://host:port" with an optional path in front of every request's
  net::Tls tls;
  Secret token;
  std::string token_file;  ///< absolute; read again every minute, wins over `token` once it could be read
  std::string context;
  std::string namespace_ = "default";
};

enum class FileReferences { allow, refuse_outside_folder };

struct KubeconfigRules {
  std::string folder = {};   ///< of the kubeconfig: what its relative paths are relative to
  std::string context = {};  ///< empty: the file's current-context
  FileReferences files = FileReferences::allow;
};

/// Reads one kubeconfig.
///
/// Errors: invalid, for a contradiction or a missing name; denied, for what sluice never does: `exec`, `auth-provider`,
/// `insecure-skip-tls-verify`, `proxy-url`, user names and passwords, http. No text quotes a credential.
/// Follows: client-go's loading rules for one file.
Result<Access> read_kubeconfig(std::string_view text, const KubeconfigRules& rules);

/// The file of --kubeconfig, else the first that exists of $KUBECONFIG, else ~/.kube/config.
/// Differs: files of a longer $KUBECONFIG list are not merged; more than one that exists is an error.
Result<Access> load_kubeconfig(const std::string& path, const std::string& context);

}  // namespace sluice::kube
