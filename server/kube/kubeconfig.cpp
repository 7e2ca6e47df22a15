#include "server/kube/kubeconfig.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/digest.hpp"
#include "core/plan/json.hpp"
#include "core/value/yaml.hpp"
#include "server/net/url.hpp"

namespace sluice::kube {

namespace {

using plan::find;
using plan::Json;
using plan::text_at;
constexpr std::uintmax_t max_file = 1 << 20;

Result<std::string> read_file(const std::string& path, std::string_view what) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return Error{Errc::not_found, std::string(what) + " '" + path + "': " + failed.message()};
  if (size > max_file) return Error{Errc::invalid, std::string(what) + " '" + path + "' is larger than 1 MiB"};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return Error{Errc::denied, std::string(what) + " '" + path + "' cannot be read"};
  return std::move(content).str();
}

/// The entry called `name` of the list `list`, below its `part`.
Result<const Json*> entry(const Json& config, const char* list, const char* part, const std::string& name) {
  const Json* found = nullptr;
  if (const Json* entries = find(config, list); entries && entries->is_array()) {
    for (const auto& candidate : *entries) {
      if (text_at(candidate, "name") != name) continue;
      if (found) return Error{Errc::invalid, std::string(list) + " has two entries called '" + name + "'"};
      found = &candidate;
    }
  }
  if (!found) return Error{Errc::invalid, std::string(list) + " has no entry called '" + name + "'"};
  const Json* body = find(*found, part);
  if (!body || !body->is_object()) return Error{Errc::invalid, std::string(list) + " '" + name + "' has no " + part};
  return body;
}

Result<std::string> path_of(std::string path, const KubeconfigRules& rules, const char* field) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::absolute(rules.folder.empty() ? "." : rules.folder).lexically_normal();
  const fs::path full = (folder / path).lexically_normal();
  const auto inside = full.lexically_relative(folder).string();
  if (rules.files == FileReferences::refuse_outside_folder && (inside.empty() || inside.starts_with("..")))
    return Error{Errc::denied, std::string(field) + " '" + path + "' is outside of the kubeconfig's folder"};
  return full.string();
}

/// The PEM of `field` (a path) or of `field`-data (base64); empty when there is neither.
Result<std::string> pem_of(const Json& body, const char* field, const KubeconfigRules& rules) {
  const std::string path = text_at(body, field);
  const std::string data = text_at(body, std::string(field) + "-data");
  if (!path.empty() && !data.empty())
    return Error{Errc::invalid, std::string(field) + " and " + field + "-data exclude each other"};
  if (!data.empty()) {
    auto pem = from_base64(data);
    if (!pem) return Error{Errc::invalid, std::string(field) + "-data is not base64"};
    return std::move(*pem);
  }
  if (path.empty()) return std::string();
  auto full = path_of(path, rules, field);
  if (!full) return std::move(full).error();
  return read_file(*full, field);
}

bool is_set(const Json& body, const char* field) {
  const Json* found = find(body, field);
  return found && !(found->is_string() && found->get_ref<const std::string&>().empty()) &&
         !(found->is_boolean() && !found->get<bool>());
}

Result<> refuse(const Json& body, std::initializer_list<std::pair<const char*, const char*>> fields) {
  for (const auto& [field, why] : fields) {
    if (is_set(body, field)) return Error{Errc::denied, std::string(field) + " is refused: " + why};
  }
  return {};
}

Result<> read_cluster(const Json& cluster, const KubeconfigRules& rules, Access& access) {
  auto refused = refuse(cluster, {{"insecure-skip-tls-verify", "every connection is verified"},
                                  {"proxy-url", "the cluster is reached directly, at the addresses of its allow list"}});
  if (!refused) return std::move(refused).error();
  access.server = text_at(cluster, "server");
  if (access.server.empty()) return Error{Errc::invalid, "server is missing"};
  auto url = net::parse_url(access.server);
  if (!url) return std::move(url).error().during("server");
  if (!url->https) return Error{Errc::denied, "server " + url->origin() + " is refused: only https is spoken"};
  std::string path = url->target.substr(0, url->target.find('?'));
  while (path.ends_with('/')) path.pop_back();
  access.server = url->origin() + path;
  access.tls.server_name = text_at(cluster, "tls-server-name");
  auto ca = pem_of(cluster, "certificate-authority", rules);
  if (!ca) return std::move(ca).error();
  access.tls.ca_pem = std::move(*ca);
  return {};
}

Result<> read_user(const Json& user, const KubeconfigRules& rules, Access& access) {
  auto refused = refuse(user, {{"exec", "no program is run; use a token, a token file or a client certificate"},
                               {"auth-provider", "no program is run; use a token, a token file or a client certificate"},
                               {"username", "the API server knows no passwords"},
                               {"password", "the API server knows no passwords"},
                               {"act-as", "impersonation is not supported"}});
  if (!refused) return std::move(refused).error();
  auto certificate = pem_of(user, "client-certificate", rules);
  if (!certificate) return std::move(certificate).error();
  auto key = pem_of(user, "client-key", rules);
  if (!key) return std::move(key).error();
  if (certificate->empty() != key->empty())
    return Error{Errc::invalid,
                 certificate->empty() ? "client-key without client-certificate" : "client-certificate without client-key"};
  access.tls.certificate_pem = std::move(*certificate);
  access.tls.key_pem = Secret(std::move(*key));
  access.token = Secret(text_at(user, "token"));
  if (const auto path = text_at(user, "tokenFile"); !path.empty()) {
    auto full = path_of(path, rules, "tokenFile");
    if (!full) return std::move(full).error();
    access.token_file = std::move(*full);
  }
  return {};
}

}  // namespace

Result<Access> read_kubeconfig(std::string_view text, const KubeconfigRules& rules) {
  auto value = read_yaml_map(text, {.max_bytes = max_file});
  if (!value) return Error{Errc::invalid, "kubeconfig: not a YAML map"};  // the parser's text might quote a credential
  const Json config = plan::from_value(*value);
  Access access;
  access.context = rules.context.empty() ? text_at(config, "current-context") : rules.context;
  if (access.context.empty()) return Error{Errc::invalid, "kubeconfig: no context is chosen, and there is no current-context"};
  auto context = entry(config, "contexts", "context", access.context);
  if (!context) return std::move(context).error().during("kubeconfig");
  if (auto name = text_at(**context, "namespace"); !name.empty()) access.namespace_ = std::move(name);
  const std::string cluster_name = text_at(**context, "cluster");
  auto cluster = entry(config, "clusters", "cluster", cluster_name);
  if (!cluster) return std::move(cluster).error().during("kubeconfig");
  const std::string user_name = text_at(**context, "user");
  auto user = entry(config, "users", "user", user_name);
  if (!user) return std::move(user).error().during("kubeconfig");
  if (auto read = read_cluster(**cluster, rules, access); !read)
    return std::move(read).error().during("kubeconfig: cluster '" + cluster_name + "'");
  if (auto read = read_user(**user, rules, access); !read)
    return std::move(read).error().during("kubeconfig: user '" + user_name + "'");
  return access;
}

Result<Access> load_kubeconfig(const std::string& path, const std::string& context) {
  std::string chosen = path;
  if (chosen.empty()) {
    const char* list = std::getenv("KUBECONFIG");
    std::istringstream items(list ? list : "");
    for (std::string item; std::getline(items, item, ':');) {
      if (item.empty() || item == chosen || !std::filesystem::exists(item)) continue;
      if (!chosen.empty())
        return Error{Errc::unsupported,
                     "KUBECONFIG names several files that exist ('" + chosen + "', '" + item + "'); name one with --kubeconfig"};
      chosen = item;
    }
  }
  if (chosen.empty()) {
    const char* home = std::getenv("HOME");
    if (home) chosen = std::string(home) + "/.kube/config";
  }
  auto text = read_file(chosen, "kubeconfig");
  if (!text) return std::move(text).error();
  return read_kubeconfig(*text, {.folder = std::filesystem::path(chosen).parent_path().string(), .context = context});
}

}  // namespace sluice::kube
