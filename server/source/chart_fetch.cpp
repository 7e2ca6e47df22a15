// Charts from repositories, registries and URLs.

#include "server/source/charts.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/helmfile/paths.hpp"
#include "server/source/chart_names.hpp"
#include "server/source/registry.hpp"

namespace sluice::source {

namespace {

constexpr std::size_t max_pem = 1u << 20;

/// "https://charts.example.org" of an address there.
std::string origin_of(const std::string& address) {
  const std::size_t scheme = address.find("://");
  return scheme == std::string::npos ? address : address.substr(0, address.find('/', scheme + 3));
}

std::string cache_name(const std::string& repository, const std::string& name, const std::string& version) {
  return repository + "\n" + name + "\n" + version;
}

}  // namespace

std::string Charts::registry_origin(const std::string& host, const Access& access) const {
  const std::string plain = "http://" + host;
  const bool may = options_.rules.may_speak_plainly && options_.rules.may_speak_plainly(plain);
  return access.plain_http && may ? plain : "https://" + host;
}

Result<const Access*> Charts::access_for(const helmfile::State& state, const std::string& repository,
                                         const helmfile::Files& files, bool plain_http) {
  const std::string key = state.file + "\n" + repository + (plain_http ? "\nplain" : "");
  auto& known = accesses_[key];
  if (known) return known.get();
  auto access = std::make_unique<Access>();
  const auto found = std::find_if(state.repositories.begin(), state.repositories.end(),
                                  [&](const helmfile::Repository& r) { return r.name == repository; });
  if (found != state.repositories.end()) {
    if (found->skip_tls_verify && !found->plain_http && !plain_http) {
      return Error{Errc::unsupported, "repository \"" + found->name +
                                          "\": skipTLSVerify is not supported: every connection is verified; give caFile"};
    }
    access->user = found->user;
    access->password = found->password;
    access->pass_credentials = found->pass_credentials;
    access->plain_http = found->plain_http;
    std::string key_pem;
    for (const auto& [path, into] : {std::pair(found->ca_file, &access->ca_pem),
                                     {found->certificate_file, &access->certificate_pem},
                                     {found->key_file, &key_pem}}) {
      if (path.empty()) continue;
      auto pem = files.read(path);
      if (!pem) return std::move(pem).error().during("repository \"" + found->name + "\"");
      if (pem->size() > max_pem) return Error{Errc::invalid, path + ": too large for a certificate or key"};
      *into = std::move(*pem);
    }
    access->key_pem = Secret(std::move(key_pem));
  }
  access->plain_http = access->plain_http || plain_http;
  known = std::move(access);
  return known.get();
}

/// A password, certificate or key is for the host it was configured for: a mirror, or a registry that an index names, gets none.
const Access* Charts::access_at(const std::string& place, const Wanted& wanted) {
  if (origin_of(place) == origin_of(wanted.repository) || wanted.access->pass_credentials) return wanted.access;
  Access& without = for_strangers_[wanted.access];
  without.plain_http = wanted.access->plain_http;
  without.ca_pem = wanted.access->ca_pem;
  return &without;
}

Result<const std::string*> Charts::index_of(const std::string& base, const Access& access) {
  const std::string key = base + "\n" + access.user;
  if (const auto known = indexes_.find(key); known != indexes_.end()) return &known->second;
  const std::string url = without_slash(base) + "/index.yaml";
  const auto cached = cache_.index(key);
  Downloader::Request request{.url = url, .access = &access, .authorization = basic_authorization(access)};
  if (cached && !cached->etag.empty()) request.headers.push_back({"If-None-Match", cached->etag});
  if (cached && !cached->last_modified.empty()) request.headers.push_back({"If-Modified-Since", cached->last_modified});
  ++downloads_;
  auto answer = downloader_.get(request);
  if (!answer) return std::move(answer).error();
  if (answer->status == 304 && cached) return &indexes_.emplace(key, cached->yaml).first->second;
  if (answer->status != 200) return bad_status(url, answer->status);
  auto kept = cache_.keep_index(key, {answer->body, answer->etag, answer->last_modified});
  if (!kept) return std::move(kept).error();
  return &indexes_.emplace(key, std::move(answer->body)).first->second;
}

Result<Charts::Archive> Charts::fetch_url(const std::string& url, const Access& access) {
  ++downloads_;
  auto answer = downloader_.get({.url = url, .access = &access, .authorization = basic_authorization(access)});
  if (!answer) return std::move(answer).error();
  if (answer->status != 200) return bad_status(url, answer->status);
  return Archive{std::move(answer->body), "", shown_url(url)};
}

Result<Charts::Archive> Charts::fetch_from_index(const Wanted& wanted, const std::string& base) {
  auto index = index_of(base, *wanted.access);
  if (!index) return std::move(index).error();
  auto entries = read_index(**index, wanted.name);
  if (!entries) return std::move(entries).error().during(without_slash(base) + "/index.yaml");
  if (entries->empty()) return Error{Errc::not_found, "the repository " + base + " has no chart \"" + wanted.name + "\""};
  std::vector<std::string> offered;
  for (const IndexEntry& entry : *entries) offered.push_back(entry.version);
  auto chosen = choose_version(offered, wanted.version, wanted.devel);
  if (!chosen) return std::move(chosen).error().during("chart " + wanted.name + " in " + base);
  const IndexEntry& entry = (*entries)[*chosen];
  const std::string name = cache_name(wanted.repository, wanted.name, entry.version);
  if (auto bytes = cache_.archive(name); bytes && (entry.digest.empty() || to_hex(sha256(*bytes)) == entry.digest)) {
    return Archive{std::move(*bytes), entry.version, base};
  }
  const std::string& where = entry.urls.front();
  if (where.starts_with("oci://")) {
    std::string reference = where;  // its tag is the version
    if (const std::size_t colon = reference.rfind(':'); colon > reference.rfind('/')) reference.resize(colon);
    reference = mirrored(reference);
    Wanted there = wanted;
    there.access = access_at(reference, wanted);
    return fetch_from_registry(there, reference, entry.version);
  }
  auto home = net::parse_url(without_slash(base) + "/");
  if (!home) return std::move(home).error();
  auto url = net::resolve_url(*home, where.find("://") == std::string::npos ? where : mirrored(where));
  if (!url) {
    return std::move(url).error().during("the URL \"" + shown_url(where) + "\" of chart " + wanted.name + " " + entry.version + " in " + base);
  }
  static const Access nobody{};
  const bool trusted = url->origin() == home->origin() || wanted.access->pass_credentials;
  auto archive = fetch_url(url->origin() + url->target, trusted ? *wanted.access : nobody);
  if (!archive) return archive;
  const std::string digest = to_hex(sha256(archive->bytes));
  if (!entry.digest.empty() && digest != entry.digest) {
    return Error{Errc::invalid,
                 "chart-digest-mismatch: " + archive->from + " has the SHA-256 " + digest + ", the index says " + entry.digest};
  }
  archive->version = entry.version;
  auto kept = cache_.keep_archive(name, archive->bytes);
  if (!kept) return std::move(kept).error();
  return archive;
}

Result<Charts::Archive> Charts::fetch_from_registry(const Wanted& wanted, const std::string& reference, std::string version) {
  auto name = parse_registry_name(reference);
  if (!name) return std::move(name).error();
  Registry registry(downloader_, *wanted.access, registry_origin(name->host, *wanted.access), *name);
  if (!is_exact_version(version)) {
    auto versions = registry.versions();
    if (!versions) return std::move(versions).error();
    auto chosen = choose_version(*versions, version, wanted.devel);
    if (!chosen) return std::move(chosen).error().during("chart " + reference);
    version = (*versions)[*chosen];
  }
  const std::string key = cache_name(wanted.repository, wanted.name, version);
  if (auto bytes = cache_.archive(key)) return Archive{std::move(*bytes), version, reference};
  ++downloads_;
  auto bytes = registry.archive(version);
  if (!bytes) return std::move(bytes).error();
  auto kept = cache_.keep_archive(key, *bytes);
  if (!kept) return std::move(kept).error();
  return Archive{std::move(*bytes), version, reference};
}

Result<Charts::Archive> Charts::fetch_from_folder(const Wanted& wanted, const helmfile::Files& files) {
  const std::string folder = without_slash(wanted.repository.substr(std::string_view("file://").size()));
  auto index = files.read(helmfile::join_path(folder, "index.yaml"));
  if (!index) return std::move(index).error();
  auto entries = read_index(*index, wanted.name);
  if (!entries) return std::move(entries).error().during(folder + "/index.yaml");
  std::vector<std::string> offered;
  for (const IndexEntry& entry : *entries) offered.push_back(entry.version);
  auto chosen = choose_version(offered, wanted.version, wanted.devel);
  if (!chosen) return std::move(chosen).error().during("chart " + wanted.name + " in " + wanted.repository);
  const IndexEntry& entry = (*entries)[*chosen];
  std::string path = entry.urls.front();
  if (path.starts_with("file://")) path.erase(0, 7);
  auto bytes = files.read(helmfile::join_path(folder, path));
  if (!bytes) return std::move(bytes).error();
  const std::string digest = to_hex(sha256(*bytes));
  if (!entry.digest.empty() && digest != entry.digest) {
    return Error{Errc::invalid,
                 "chart-digest-mismatch: " + path + " has the SHA-256 " + digest + ", the index says " + entry.digest};
  }
  return Archive{std::move(*bytes), entry.version, path};
}

Result<Charts::Archive> Charts::fetch(const Wanted& wanted, const helmfile::Files& files) {
  auto plain = check_chart_name(wanted.repository.starts_with("oci://") ? helmfile::base_name(wanted.name) : wanted.name, "name");
  if (!plain) return std::move(plain).error();
  if (wanted.repository.starts_with("file://")) return fetch_from_folder(wanted, files);
  if (is_exact_version(wanted.version)) {
    if (auto bytes = cache_.archive(cache_name(wanted.repository, wanted.name, wanted.version))) {
      return Archive{std::move(*bytes), wanted.version, wanted.repository};
    }
  }
  const std::string place = mirrored(wanted.repository);
  Wanted there = wanted;
  there.access = access_at(place, wanted);
  if (place.starts_with("oci://")) return fetch_from_registry(there, place, wanted.version);
  if (!place.starts_with("http://") && !place.starts_with("https://")) {
    return Error{Errc::unsupported, "the repository \"" + place + "\": expected https://, http://, oci:// or file://"};
  }
  // a registry's chart that a mirror keeps in an ordinary repository: its last part is the chart
  if (wanted.repository.starts_with("oci://")) return fetch_from_index(there, place.substr(0, place.rfind('/')));
  return fetch_from_index(there, place);
}

Result<std::string> Charts::resolve(const helmfile::State& state, const helmfile::ChartSource& chart,
                                    const helmfile::Files& files) {
  auto access = access_for(state, chart.repository, files);
  if (!access) return std::move(access).error();
  const Wanted wanted{.repository = chart.url,
                      .name = chart.name,
                      .version = chart.version,
                      .devel = chart.devel ? Devel::yes : Devel::no,
                      .access = *access};
  return newest(wanted, files);
}

Result<std::string> Charts::newest(const Wanted& wanted, const helmfile::Files& files) {
  const std::string place = mirrored(wanted.repository);
  const Access& access = *access_at(place, wanted);
  std::vector<std::string> offered;
  if (place.starts_with("oci://")) {
    auto name = parse_registry_name(place);
    if (!name) return std::move(name).error();
    if (is_exact_version(wanted.version)) return wanted.version;
    auto versions = Registry(downloader_, access, registry_origin(name->host, access), *name).versions();
    if (!versions) return std::move(versions).error();
    offered = std::move(*versions);
  } else {
    std::string yaml;
    if (place.starts_with("file://")) {
      auto read = files.read(helmfile::join_path(place.substr(7), "index.yaml"));
      if (!read) return std::move(read).error();
      yaml = std::move(*read);
    } else {
      auto index = index_of(place, access);
      if (!index) return std::move(index).error();
      yaml = **index;
    }
    auto entries = read_index(yaml, wanted.name);
    if (!entries) return std::move(entries).error().during(place);
    for (const IndexEntry& entry : *entries) offered.push_back(entry.version);
  }
  auto chosen = choose_version(offered, wanted.version, wanted.devel);
  if (!chosen) return std::move(chosen).error().during("chart " + wanted.name + " in " + place);
  return offered[*chosen];
}

}  // namespace sluice::source
