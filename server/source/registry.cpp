#include "server/source/registry.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/digest.hpp"
#include "core/functions/semver.hpp"

namespace sluice::source {

namespace {

using nlohmann::json;

constexpr int max_pages = 100;
constexpr std::string_view image_types =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view config_type = "application/vnd.cncf.helm.config.v1+json";
constexpr std::string_view chart_type = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
constexpr std::string_view old_chart_type = "application/tar+gzip";

std::string replaced(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

std::optional<json> parse_json(const std::string& text) {
  int depth = 0;
  for (char c : text) {
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    if (depth > 64) return std::nullopt;
  }
  json value = json::parse(text, nullptr, false);
  return value.is_object() ? std::optional(std::move(value)) : std::nullopt;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The target of `Link: </v2/x/tags/list?last=y>; rel="next"`.
std::string next_page(const std::string& link) {
  const std::size_t begin = link.find('<');
  const std::size_t end = link.find('>');
  const bool is_next = link.find("rel=\"next\"") != std::string::npos || link.find("rel=next") != std::string::npos;
  if (!is_next || begin == std::string::npos || end == std::string::npos || end < begin) return {};
  const std::string target = link.substr(begin + 1, end - begin - 1);
  const std::size_t path = target.find("/v2/");
  return path == std::string::npos ? "" : target.substr(path);
}

}  // namespace

Result<RegistryName> parse_registry_name(std::string_view reference) {
  std::string_view rest = reference;
  if (rest.starts_with("oci://")) rest.remove_prefix(6);
  const std::size_t slash = rest.find('/');
  const std::string path(slash == std::string_view::npos ? "" : rest.substr(slash + 1));
  const bool clean = !path.empty() && path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-/") == std::string::npos &&
                     ("/" + path + "/").find("/../") == std::string::npos && path.find("//") == std::string::npos;
  if (slash == 0 || !clean) {
    return Error{Errc::invalid,
                 "\"" + std::string(reference) + "\" is no address in a registry: expected oci://host/path in lower case"};
  }
  std::string host(rest.substr(0, slash));
  if (host == "docker.io" || host == "index.docker.io") host = "registry-1.docker.io";
  return RegistryName{host, path};
}

Challenge parse_challenge(std::string_view header) {
  Challenge challenge;
  const std::size_t space = std::min(header.find(' '), header.size());
  for (char c : header.substr(0, space)) challenge.scheme += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::size_t at = space;
  while (at < header.size()) {
    const std::size_t name = header.find_first_not_of(" ,", at);
    const std::size_t equals = name == std::string_view::npos ? name : header.find('=', name);
    if (equals == std::string_view::npos) break;
    std::size_t begin = equals + 1;
    std::size_t end = std::min(header.find(',', begin), header.size());
    at = end;
    if (begin < header.size() && header[begin] == '"') {
      end = std::min(header.find('"', ++begin), header.size());
      at = std::min(end + 1, header.size());
    }
    challenge.parameters[std::string(header.substr(name, equals - name))] = std::string(header.substr(begin, end - begin));
  }
  return challenge;
}

bool may_give_password(const std::string& host, const std::string& realm_host) {
  const std::string bare = host.substr(0, host.find(':'));
  const bool is_name = bare.find_first_not_of("0123456789.") != std::string::npos;
  const bool lies_under_it = is_name && realm_host.find('.') != std::string::npos && bare.ends_with("." + realm_host);
  return bare == realm_host || lies_under_it || (bare == "registry-1.docker.io" && realm_host == "auth.docker.io");
}

Result<std::string> Registry::authorize(const Challenge& challenge) {
  const std::string basic = basic_authorization(access_);
  if (challenge.scheme == "basic") {
    if (basic.empty())
      return Error{Errc::denied, name_.host + " wants a user and a password: give them in `repositories` of the helmfile"};
    return basic;
  }
  const auto parameter = [&challenge](const char* name) {
    const auto found = challenge.parameters.find(name);
    return found == challenge.parameters.end() ? std::string() : found->second;
  };
  auto realm = net::parse_url(parameter("realm"));
  if (challenge.scheme != "bearer" || !realm)
    return Error{Errc::denied, name_.host + " asks for a kind of authentication that sluice does not know"};
  if (origin_.starts_with("https://") && !realm->https)
    return Error{Errc::denied, name_.host + " wants tokens asked for without TLS, at " + realm->origin()};
  const bool known_place = access_.pass_credentials || realm->host == access_.token_host || may_give_password(name_.host, realm->host);
  if (!basic.empty() && !known_place) {
    return Error{Errc::denied, name_.host + " wants its password sent to " + realm->host +
                                   ", another host: where that is right, allow it by passCredentials of the chart repository, or token_host of the image"};
  }
  std::string scope = parameter("scope");
  if (scope.empty()) scope = "repository:" + name_.path + ":pull";
  std::string url = realm->origin() + realm->target + (realm->target.find('?') == std::string::npos ? "?" : "&") +
                    "scope=" + net::percent_encode(scope);
  if (const std::string service = parameter("service"); !service.empty()) url += "&service=" + net::percent_encode(service);
  Access stranger;
  stranger.ca_pem = access_.ca_pem;
  auto answer = downloader_.get({.url = url,
                                 .access = known_place ? &access_ : &stranger,
                                 .authorization = basic,
                                 .headers = {{"Accept", "application/json"}}});
  if (!answer) return std::move(answer).error().during("asking for a token");
  if (answer->status != 200) return bad_status(url, answer->status).during("asking for a token");
  const auto token = parse_json(answer->body);
  std::string text = token ? text_of(*token, "token") : "";
  if (text.empty() && token) text = text_of(*token, "access_token");
  if (text.empty()) return Error{Errc::invalid, "asking for a token: " + shown_url(url) + " answers without one"};
  return "Bearer " + text;
}

Result<Download> Registry::get(const std::string& path, const std::string& accept) {
  for (bool tried = false;; tried = true) {
    const std::string url = origin_ + path;
    auto answer =
        downloader_.get({.url = url, .access = &access_, .authorization = authorization_, .headers = {{"Accept", accept}}});
    if (!answer || answer->status == 200) return answer;
    if (answer->status != 401 || tried) return bad_status(url, answer->status);
    auto authorization = authorize(parse_challenge(answer->challenge));
    if (!authorization) return std::move(authorization).error();
    authorization_ = std::move(*authorization);
  }
}

Result<std::vector<std::string>> Registry::versions() {
  std::vector<std::string> versions;
  std::string page = "/v2/" + name_.path + "/tags/list?n=1000";
  for (int pages = 0; !page.empty() && pages < max_pages; ++pages) {
    auto answer = get(page, "application/json");
    if (!answer) return std::move(answer).error();
    const auto list = parse_json(answer->body);
    if (!list) return Error{Errc::invalid, origin_ + shown_url(page) + " answers with something else than a list of tags"};
    const auto tags = list->find("tags");
    if (tags != list->end() && tags->is_array()) {
      for (const json& tag : *tags) {
        if (!tag.is_string()) continue;
        std::string version = replaced(tag.get<std::string>(), '_', '+');
        if (functions::parse_strict_version(version)) versions.push_back(std::move(version));
      }
    }
    page = next_page(answer->link);
  }
  return sorted_versions(std::move(versions));
}

Result<bool> Registry::has(const std::string& tag) {
  auto answer = get("/v2/" + name_.path + "/manifests/" + tag, std::string(image_types));
  if (answer) return true;
  if (answer.error().code == Errc::not_found) return false;
  return std::move(answer).error();
}

Result<std::string> Registry::archive(const std::string& version) {
  const std::string tag = replaced(version, '+', '_');
  if (tag.empty() ||
      tag.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != std::string::npos) {
    return Error{Errc::invalid, "\"" + version + "\" is no version of a chart in a registry"};
  }
  auto answer = get("/v2/" + name_.path + "/manifests/" + tag, std::string(manifest_type));
  if (!answer) return std::move(answer).error();
  const std::string place = name_.host + "/" + name_.path + ":" + tag;
  const auto manifest = parse_json(answer->body);
  if (!manifest) return Error{Errc::invalid, place + ": its manifest is no JSON object"};
  const auto config = manifest->find("config");
  const auto layers = manifest->find("layers");
  if (config == manifest->end() || !config->is_object() || text_of(*config, "mediaType") != config_type ||
      layers == manifest->end() || !layers->is_array()) {
    return Error{Errc::invalid, place + " is no Helm chart: its manifest has no config of type " + std::string(config_type)};
  }
  for (const json& layer : *layers) {
    if (!layer.is_object()) continue;
    const std::string type = text_of(layer, "mediaType");
    if (type != chart_type && type != old_chart_type) continue;
    const std::string digest = text_of(layer, "digest");
    if (!digest.starts_with("sha256:") || digest.size() != 71 ||
        digest.find_first_not_of("0123456789abcdef", 7) != std::string::npos) {
      return Error{Errc::invalid, place + ": the digest of its chart is no SHA-256"};
    }
    auto blob = get("/v2/" + name_.path + "/blobs/" + digest, "application/octet-stream");
    if (!blob) return std::move(blob).error();
    const std::string found = to_hex(sha256(blob->body));
    if (found != digest.substr(7)) {
      return Error{Errc::invalid,
                   "chart-digest-mismatch: " + place + " has the SHA-256 " + found + ", its manifest says " + digest.substr(7)};
    }
    return std::move(blob->body);
  }
  return Error{Errc::invalid, place + " is no Helm chart: its manifest has no layer of type " + std::string(chart_type)};
}

}  // namespace sluice::source
