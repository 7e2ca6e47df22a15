#pragma once

// server/config/config.hpp
//
// The configuration file: one YAML file, read strictly, as one tree of plain structs.
//   in:   the file's text
//   out:  Config, or an Error that lists every problem with line, column, key and what was expected
//   not:  reading credentials (the structs say where they are), connecting to anything
// A folder of its own, not part of server/app, because the worker, the API and the webhook all read from it.
// Read next: reader.hpp (how a section is read), config.cpp (the keys).

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/deployment/protection.hpp"
#include "server/base/credential.hpp"

namespace sluice::config {

/// `server.tls`
struct Tls {
  std::string certificate;  ///< path of a PEM file
  CredentialSource key;
};

/// `server`
struct Server {
  std::string listen = "127.0.0.1:8080";
  std::string public_url;  ///< as people and GitHub reach it; no slash at its end
  std::optional<Tls> tls;
  std::vector<std::string> trusted_proxies;  ///< addresses
  bool open_metrics = false;                 ///< /metrics without a token
  bool open_badge = false;                   ///< /badge without a token
};

/// `clusters.NAME`
struct Cluster {
  std::string name;
  CredentialSource kubeconfig;
  std::string context;             ///< empty = the file's current one
  std::vector<std::string> allow;  ///< "address:port" or "network/bits:port": the only endpoints ever connected to
  std::string identity;            ///< uid of the kube-system namespace; empty = that of the first one seen
};

/// `environments.NAME.secret_objects[]`: one Kubernetes Secret, written before the releases
struct SecretObject {
  std::string namespace_;
  std::string name;
  std::optional<CredentialSource> env_file;       ///< KEY=VALUE lines
  std::map<std::string, CredentialSource> files;  ///< key -> whole content
};

/// `environments.NAME.exec`: what templates may run; nothing by default
struct ExecPolicy {
  std::vector<std::vector<std::string>> allow;  ///< argument vectors; `*` at the end of the last argument matches any rest
  bool native_kubectl = false;                  ///< `kubectl get` is answered by our own client
  bool allow_empty = false;                     ///< a Secret that is not there, or a value of it that is empty, reads as ""
};

/// `environments.NAME.risk`: how many approvals a class of change needs; 0 = none
struct Risk {
  std::optional<int> image_only;
  std::optional<int> data_loss;
};

/// `environments.NAME`
struct Environment {
  std::string name;
  std::string cluster;
  deployment::Protection protection;
  std::map<std::string, std::string> variables;  ///< templates over .Commit, .Environment
  std::map<std::string, CredentialSource> secrets;
  std::vector<SecretObject> secret_objects;
  ExecPolicy exec;
  Risk risk;
};

/// One entry of `repositories[].environments.NAME.on`
struct Trigger {
  std::string event;                              ///< push, workflow_run, release, repository_dispatch, registry_package, manual
  std::map<std::string, std::string> conditions;  ///< branch, tag, workflow, conclusion, action, type, package
};

/// `repositories[].environments.NAME`
struct Target {
  std::string environment;
  std::vector<Trigger> on;
  std::string selector;  ///< helmfile -l
  std::string image;     ///< template of an image that must be in its registry before planning; empty = none
  std::string image_user;  ///< for that registry; empty = asked anonymously
  std::optional<CredentialSource> image_password;
  std::string image_token_host = {};  ///< where else that registry's tokens are asked for with the password
};

/// What a repository holds, and where in it.
enum class Layout { helmfile, chart, manifests };

/// `repositories[]`
struct Repository {
  std::string name;  ///< owner/name as GitHub writes it
  std::string url;
  std::string user;  ///< of https, beside the token; empty: what GitHub takes
  std::optional<CredentialSource> token;
  std::string certificate_authority;  ///< path of a PEM file; empty: whom the system trusts
  std::optional<CredentialSource> webhook_secret;
  std::optional<CredentialSource> ssh_key;
  std::string known_hosts;  ///< path
  std::vector<std::string> report;  ///< what GitHub is told: "status" of commits, "deployment"
  std::string github_api;           ///< "https://api.github.com"
  Layout layout = Layout::helmfile;
  std::string path;                 ///< of the helmfile, chart folder or manifests folder
  std::vector<std::string> values;  ///< values files of a chart
  std::string release;              ///< of a chart
  std::string namespace_;           ///< of a chart or of manifests
  std::map<std::string, Target> environments;
};

/// One entry of `notify`
struct Notification {
  CredentialSource url;
  std::string format;  ///< json, ntfy, slack
};

struct Config {
  std::string file;  ///< its name, for messages
  std::string data_dir;
  std::optional<CredentialSource> encryption_key;  ///< 32 bytes in base64 or hex; seals what is secret in the database
  Server server;
  std::map<std::string, Cluster> clusters;
  std::map<std::string, Environment> environments;
  std::vector<Repository> repositories;
  std::map<std::string, std::string> chart_mirrors;  ///< repository URL -> URL to ask instead
  std::vector<std::string> dns_names;                ///< host names that templates may look up
  std::vector<std::string> remote_sources;           ///< what a helmfile may name besides its own commit: how URLs begin
  std::vector<Notification> notify;
};

/// Reads the text of a configuration file. `file` is its name in messages.
///
/// Errors: invalid, one line a problem: "sluice.yaml:7:3: environments.prod.clutser: unknown key, did you mean \"cluster\"?"
Result<Config> parse(std::string_view text, const std::string& file);
/// The same from disk. Errors: also not_found, unavailable.
Result<Config> load(const std::string& file);

/// The protection rules for one plan: the environment's, with as many approvals as `risk` asks for its class of change.
deployment::Protection rules_for(const Environment& environment, bool is_image_only, bool may_lose_data);

/// The repository of that name, without regard to case as on GitHub; null if there is none.
const Repository* find_repository(const Config& config, std::string_view name);

}  // namespace sluice::config
