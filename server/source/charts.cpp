#include "server/source/charts.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/chart/archive.hpp"
#include "core/functions/semver.hpp"
#include "core/helmfile/paths.hpp"
#include "core/value/yaml.hpp"
#include "server/source/dependency_lock.hpp"
#include "server/source/git.hpp"
#include "server/source/registry.hpp"

namespace sluice::source {

namespace {

constexpr std::size_t max_files = 20'000;
constexpr std::size_t max_file = 16u << 20;
constexpr std::size_t max_tree = 512u << 20;
constexpr std::size_t max_pem = 1u << 20;
constexpr int max_dependency_depth = 8;

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// A name and version may become part of a path: they must be plain.
Result<> check_name(const std::string& name, const std::string& what) {
  const bool plain = !name.empty() && name != "." && name != ".." && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+';
  });
  if (plain) return {};
  return Error{Errc::invalid, "\"" + name + "\" is no " + what + " of a chart"};
}

Result<> read_below(const helmfile::Files& files, const std::string& folder, const std::string& prefix, Tree& tree,
                    std::size_t& bytes, int depth) {
  if (depth > 32) return Error{Errc::invalid, folder + ": folders nest more than 32 deep"};
  auto entries = files.list(folder);
  if (!entries) return std::move(entries).error();
  for (const helmfile::FileEntry& entry : *entries) {
    const std::string path = helmfile::join_path(folder, entry.name);
    if (entry.kind == helmfile::FileKind::folder) {
      if (entry.name == ".git") continue;
      auto below = read_below(files, path, prefix + entry.name + "/", tree, bytes, depth + 1);
      if (!below) return below;
      continue;
    }
    auto content = files.read(path);
    if (!content) return std::move(content).error();
    bytes += content->size();
    if (content->size() > max_file) return Error{Errc::invalid, path + ": larger than 16 MiB"};
    if (bytes > max_tree) return Error{Errc::invalid, folder + ": more than 512 MiB"};
    tree.emplace(prefix + entry.name, std::move(*content));
    if (tree.size() > max_files) return Error{Errc::invalid, folder + ": more than 20000 files"};
  }
  return {};
}

std::string digest_of(const Tree& tree) {
  std::string all;
  for (const auto& [path, bytes] : tree) all += to_hex(sha256(bytes)) + "  " + path + "\n";
  return to_hex(sha256(all));
}

std::vector<chart::Dependency> dependencies_of(const Tree& tree) {
  chart::Metadata metadata;
  for (const char* name : {"Chart.yaml", "requirements.yaml"}) {
    const auto file = tree.find(name);
    if (file == tree.end()) continue;
    if (auto read = chart::read_metadata(file->second, metadata); !read) return {};  // loading the chart will say what is wrong
  }
  std::vector<chart::Dependency> dependencies;
  for (const auto& dependency : metadata.dependencies) {
    if (dependency) dependencies.push_back(*dependency);
  }
  return dependencies;
}

bool is_vendored(const Tree& tree, const std::string& name) {
  const std::string folder = "charts/" + name + "/";
  const auto inside = tree.lower_bound(folder);
  if (inside != tree.end() && inside->first.starts_with(folder)) return true;
  for (auto it = tree.lower_bound("charts/" + name + "-"); it != tree.end() && it->first.starts_with("charts/" + name + "-");
       ++it) {
    const std::string rest = it->first.substr(folder.size());
    const bool versioned = !rest.empty() && (rest[0] == 'v' || std::isdigit(static_cast<unsigned char>(rest[0])) != 0);
    if (versioned && rest.ends_with(".tgz") && rest.find('/') == std::string::npos) return true;
  }
  return false;
}

struct DependencyLock {
  std::vector<LockedDependency> locked;
  std::string digest;
};

Result<std::optional<DependencyLock>> lock_of(const Tree& tree) {
  for (const char* name : {"Chart.lock", "requirements.lock"}) {
    const auto file = tree.find(name);
    if (file == tree.end()) continue;
    auto yaml = read_yaml_map(file->second);
    if (!yaml) return std::move(yaml).error().during(name);
    const auto text = [](const Value& record, std::string_view key) {
      const Value* field = record.find(key);
      return field != nullptr && field->is_string() ? std::string(field->str()) : std::string();
    };
    DependencyLock lock{.locked = {}, .digest = text(*yaml, "digest")};
    if (const Value* entries = yaml->find("dependencies"); entries != nullptr) {
      for (const Value& entry : entries->items()) {
        lock.locked.push_back({text(entry, "name"), text(entry, "version"), text(entry, "repository")});
      }
    }
    return std::optional(std::move(lock));
  }
  return std::optional<DependencyLock>();
}

std::string cache_name(const std::string& repository, const std::string& name, const std::string& version) {
  return repository + "\n" + name + "\n" + version;
}

}  // namespace

Result<Tree> read_folder(const helmfile::Files& files, const std::string& folder) {
  Tree tree;
  std::size_t bytes = 0;
  auto read = read_below(files, folder, "", tree, bytes, 0);
  if (!read) return std::move(read).error();
  return tree;
}

Charts::Charts(ChartsOptions options) : options_(std::move(options)), cache_(options_.cache), downloader_(options_.rules) {}

std::string Charts::mirrored(const std::string& url) const {
  std::size_t best = 0;
  std::string result = url;
  for (const auto& [from, to] : options_.mirrors) {
    const std::string prefix = without_slash(from);
    const bool applies = url == prefix || url.starts_with(prefix + "/");
    if (!applies || prefix.size() <= best) continue;
    best = prefix.size();
    result = without_slash(to) + url.substr(prefix.size());
  }
  return result;
}

std::string Charts::registry_origin(const std::string& host, const Access& access) const {
  const std::string plain = "http://" + host;
  const bool may = options_.rules.may_speak_plainly && options_.rules.may_speak_plainly(plain);
  return access.plain_http && may ? plain : "https://" + host;
}

Result<const Access*> Charts::access_for(const helmfile::State& state, const std::string& repository,
                                         const helmfile::Files& files) {
  const std::string key = state.file + "\n" + repository;
  auto& known = accesses_[key];
  if (known) return known.get();
  auto access = std::make_unique<Access>();
  const auto found = std::find_if(state.repositories.begin(), state.repositories.end(),
                                  [&](const helmfile::Repository& r) { return r.name == repository; });
  if (found != state.repositories.end()) {
    if (found->skip_tls_verify) {
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
  known = std::move(access);
  return known.get();
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
    return fetch_from_registry(wanted, mirrored(reference), entry.version);
  }
  auto home = net::parse_url(without_slash(base) + "/");
  if (!home) return std::move(home).error();
  auto url = net::resolve_url(*home, where.find("://") == std::string::npos ? where : mirrored(where));
  if (!url) return std::move(url).error().during("the URL of chart " + wanted.name + " " + entry.version + " in " + base);
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
  auto plain = check_name(wanted.repository.starts_with("oci://") ? helmfile::base_name(wanted.name) : wanted.name, "name");
  if (!plain) return std::move(plain).error();
  if (wanted.repository.starts_with("file://")) return fetch_from_folder(wanted, files);
  if (is_exact_version(wanted.version)) {
    if (auto bytes = cache_.archive(cache_name(wanted.repository, wanted.name, wanted.version))) {
      return Archive{std::move(*bytes), wanted.version, wanted.repository};
    }
  }
  const std::string place = mirrored(wanted.repository);
  if (place.starts_with("oci://")) return fetch_from_registry(wanted, place, wanted.version);
  if (!place.starts_with("http://") && !place.starts_with("https://")) {
    return Error{Errc::unsupported, "the repository \"" + place + "\": expected https://, http://, oci:// or file://"};
  }
  // a registry's chart that a mirror keeps in an ordinary repository: its last part is the chart
  if (wanted.repository.starts_with("oci://")) return fetch_from_index(wanted, place.substr(0, place.rfind('/')));
  return fetch_from_index(wanted, place);
}

Result<ObtainedChart> Charts::from_archive(Archive archive) {
  const std::string digest = to_hex(sha256(archive.bytes));
  const auto known = charts_.find(digest);
  ObtainedChart obtained;
  if (known != charts_.end()) {
    obtained = known->second;
  } else {
    auto loaded = chart::load_archive(archive.bytes);
    if (!loaded) return std::move(loaded).error().during(archive.from);
    obtained = {std::move(*loaded), archive.version, digest, archive.from};
    if (options_.keep_files) {
      chart::UnpackBudget budget{chart::Limits{}};
      auto files = chart::read_archive(archive.bytes, budget);
      if (!files) return std::move(files).error().during(archive.from);
      Tree tree;
      for (chart::File& file : *files) tree.emplace(std::move(file.name), std::move(file.data));
      obtained.files = std::make_shared<const Tree>(std::move(tree));
    }
    if (obtained.version.empty()) obtained.version = obtained.chart->metadata.version;
    charts_.emplace(digest, obtained);
  }
  return obtained;
}

Result<> Charts::complete(Tree& tree, const helmfile::State& state, const std::string& folder, const helmfile::Files& files,
                          int depth) {
  const auto dependencies = dependencies_of(tree);
  const bool all_there = std::all_of(dependencies.begin(), dependencies.end(), [&tree](const chart::Dependency& d) {
    return d.repository.empty() || is_vendored(tree, d.name);
  });
  if (all_there) return {};
  if (depth > max_dependency_depth) return Error{Errc::invalid, folder + ": dependencies nest more than 8 deep"};
  std::map<std::string, std::string> repositories;
  for (const helmfile::Repository& repository : state.repositories) {
    repositories[repository.name] = repository.oci ? "oci://" + repository.url : repository.url;
  }
  auto lock = lock_of(tree);
  if (!lock) return std::move(lock).error().during(folder);
  const bool is_digest_of_helm_3 = *lock && (*lock)->digest == dependency_digest(dependencies, (*lock)->locked, repositories);
  if (*lock && !is_digest_of_helm_3 && tree.contains("Chart.lock")) {
    return Error{Errc::invalid, folder +
                                    ": the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please "
                                    "update the dependencies"};
  }
  for (const chart::Dependency& dependency : dependencies) {
    if (dependency.repository.empty() || is_vendored(tree, dependency.name)) continue;
    auto plain = check_name(dependency.name, "name");
    if (!plain) return std::move(plain).error().during(folder);
    const std::string doing = folder + ": dependency " + dependency.name;
    if (dependency.repository.starts_with("file://")) {
      const std::string below = helmfile::join_path(folder, dependency.repository.substr(7));
      auto inner = read_folder(files, below);
      if (!inner) return std::move(inner).error().during(doing);
      auto completed = complete(*inner, state, below, files, depth + 1);
      if (!completed) return completed;
      for (auto& [path, bytes] : *inner) tree["charts/" + dependency.name + "/" + path] = std::move(bytes);
      continue;
    }
    std::string url = dependency.repository;
    std::string repository;
    if (url.starts_with("@")) repository = url.substr(1);
    if (url.starts_with("alias:")) repository = url.substr(6);
    if (!repository.empty()) {
      if (!repositories.contains(repository))
        return Error{Errc::not_found, doing + ": no repository \"" + repository + "\" in " + state.file};
      url = repositories[repository];
    } else {
      for (const auto& [name, known_url] : repositories) {
        if (without_slash(known_url) == without_slash(url)) repository = name;
      }
    }
    std::string version = dependency.version;
    if (*lock) {
      for (const LockedDependency& locked : (*lock)->locked) {
        if (locked.name == dependency.name) version = locked.version;
      }
    }
    auto access = access_for(state, repository, files);
    if (!access) return std::move(access).error();
    if (url.starts_with("oci://")) url = without_slash(url) + "/" + dependency.name;
    auto archive =
        fetch({.repository = url, .name = dependency.name, .version = version, .devel = Devel::no, .access = *access}, files);
    if (!archive) return std::move(archive).error().during(doing);
    tree["charts/" + dependency.name + "-" + archive->version + ".tgz"] = std::move(archive->bytes);
  }
  return {};
}

Result<ObtainedChart> Charts::from_folder(const helmfile::State& state, const std::string& folder, bool completing,
                                          const helmfile::Files& files) {
  switch (files.kind(folder)) {
    case helmfile::FileKind::none: return Error{Errc::not_found, "path \"" + folder + "\" not found"};
    case helmfile::FileKind::file: {
      auto bytes = files.read(folder);
      if (!bytes) return std::move(bytes).error();
      return from_archive({std::move(*bytes), "", folder});
    }
    case helmfile::FileKind::folder: break;
  }
  auto tree = read_folder(files, folder);
  if (!tree) return std::move(tree).error();
  return from_tree(state, std::move(*tree), folder, completing, files);
}

Result<ObtainedChart> Charts::from_git(const helmfile::State& state, const helmfile::ChartSource& source, bool completing) {
  if (!options_.may_clone || !options_.may_clone(source.url) || options_.cache.empty()) {
    return Error{Errc::denied, "charts from git are not allowed here; put the chart into the repository or a chart repository"};
  }
  Remote remote;
  remote.url = source.url;
  if (remote.url.starts_with("file://")) remote.url.erase(0, 7);
  GitMirror mirror(options_.cache / "git" / to_hex(sha256(source.url)), remote);
  std::string commit = source.version;
  if (!is_commit_sha(commit)) {
    auto head = mirror.head_of(commit);
    if (!head) return std::move(head).error().during(source.url);
    commit = std::move(*head);
  }
  auto fetched = mirror.fetch(commit);
  if (!fetched) return std::move(fetched).error().during(source.url);
  auto opened = mirror.open(commit);
  if (!opened) return std::move(opened).error().during(source.url);
  auto tree = (*opened)->subtree(source.path == "." ? "" : source.path);
  if (!tree) return std::move(tree).error().during(source.url);
  const Tree copy = *tree;
  auto obtained = from_tree(state, std::move(*tree), ".", completing, helmfile::files_of(copy));
  if (obtained) obtained->from = source.url + "@" + source.path + " at " + commit.substr(0, 12);
  return obtained;
}

Result<ObtainedChart> Charts::from_tree(const helmfile::State& state, Tree tree, const std::string& folder, bool completing,
                                        const helmfile::Files& files) {
  if (!tree.contains("Chart.yaml")) {
    return Error{Errc::unsupported,
                 "the folder \"" + folder +
                     "\" has no Chart.yaml; folders of plain manifests or of kustomize are not supported as charts"};
  }
  if (completing) {
    auto completed = complete(tree, state, folder, files, 0);
    if (!completed) return std::move(completed).error();
  }
  const std::string digest = digest_of(tree);
  if (const auto known = charts_.find(digest); known != charts_.end()) return known->second;
  auto loaded = chart::load_chart(tree);
  if (!loaded) return std::move(loaded).error();
  ObtainedChart obtained{std::move(*loaded), "", digest, folder};
  obtained.version = obtained.chart->metadata.version;
  if (options_.keep_files) obtained.files = std::make_shared<const Tree>(std::move(tree));
  charts_.emplace(digest, obtained);
  return obtained;
}

Result<ObtainedChart> Charts::chart_of(const helmfile::State& state, const helmfile::Release& release,
                                       const helmfile::Files& files) {
  const helmfile::ChartSource& source = release.chart;
  const std::string doing = "chart \"" + source.reference + "\" of release \"" + release.name + "\"";
  if (source.from == helmfile::ChartSource::From::folder) {
    auto obtained = from_folder(state, source.path, !release.deploy.skip_deps, files);
    return obtained ? std::move(obtained) : Result<ObtainedChart>(std::move(obtained).error().during(doing));
  }
  if (source.from == helmfile::ChartSource::From::git) {
    auto obtained = from_git(state, source, !release.deploy.skip_deps);
    return obtained ? std::move(obtained) : Result<ObtainedChart>(std::move(obtained).error().during(doing));
  }
  auto access = access_for(state, source.repository, files);
  if (!access) return std::move(access).error().during(doing);
  auto archive = source.from == helmfile::ChartSource::From::url ? fetch_url(mirrored(source.url), **access)
                                                                 : fetch({.repository = source.url,
                                                                          .name = source.name,
                                                                          .version = source.version,
                                                                          .devel = source.devel ? Devel::yes : Devel::no,
                                                                          .access = *access},
                                                                         files);
  if (!archive) return std::move(archive).error().during(doing);
  auto obtained = from_archive(std::move(*archive));
  return obtained ? std::move(obtained) : Result<ObtainedChart>(std::move(obtained).error().during(doing));
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
  std::vector<std::string> offered;
  if (place.starts_with("oci://")) {
    auto name = parse_registry_name(place);
    if (!name) return std::move(name).error();
    if (is_exact_version(wanted.version)) return wanted.version;
    auto versions = Registry(downloader_, *wanted.access, registry_origin(name->host, *wanted.access), *name).versions();
    if (!versions) return std::move(versions).error();
    offered = std::move(*versions);
  } else {
    std::string yaml;
    if (place.starts_with("file://")) {
      auto read = files.read(helmfile::join_path(place.substr(7), "index.yaml"));
      if (!read) return std::move(read).error();
      yaml = std::move(*read);
    } else {
      auto index = index_of(place, *wanted.access);
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
