// Charts from folders and git repositories, and the dependencies of such charts.

#include "server/source/charts.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/helmfile/manifests.hpp"
#include "core/helmfile/paths.hpp"
#include "core/value/yaml.hpp"
#include "server/source/chart_names.hpp"
#include "server/source/dependency_lock.hpp"
#include "server/source/git.hpp"

namespace sluice::source {

namespace {

constexpr std::size_t max_files = 20'000;

constexpr std::size_t max_file = 16u << 20;

constexpr std::size_t max_tree = 512u << 20;

constexpr int max_dependency_depth = 8;

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

/// "charts/NAME-1.2.3.tgz"
bool is_archive_of(const std::string& path, const std::string& name) {
  const std::string start = "charts/" + name + "-";
  if (!path.starts_with(start) || !path.ends_with(".tgz") || path.find('/', start.size()) != std::string::npos) return false;
  return path[start.size()] == 'v' || std::isdigit(static_cast<unsigned char>(path[start.size()])) != 0;
}

/// Whether charts/ has that chart: as a folder, or as an archive (of the version `locked`, if that is not empty).
bool is_vendored(const Tree& tree, const std::string& name, const std::string& locked) {
  const std::string folder = "charts/" + name + "/";
  const auto inside = tree.lower_bound(folder);
  if (inside != tree.end() && inside->first.starts_with(folder)) return true;
  if (!locked.empty()) return tree.contains("charts/" + name + "-" + locked + ".tgz");
  return std::any_of(tree.begin(), tree.end(), [&name](const auto& file) { return is_archive_of(file.first, name); });
}

std::string locked_version(const std::vector<LockedDependency>& locks, const std::string& name) {
  const auto found = std::find_if(locks.begin(), locks.end(), [&name](const LockedDependency& one) { return one.name == name; });
  return found == locks.end() ? std::string() : found->version;
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

}  // namespace

Result<Tree> read_folder(const helmfile::Files& files, const std::string& folder) {
  Tree tree;
  std::size_t bytes = 0;
  auto read = read_below(files, folder, "", tree, bytes, 0);
  if (!read) return std::move(read).error();
  return tree;
}

Result<> Charts::complete(Tree& tree, const helmfile::State& state, const std::string& folder, const helmfile::Files& files,
                          int depth) {
  const auto dependencies = dependencies_of(tree);
  const bool needs_none = std::all_of(dependencies.begin(), dependencies.end(), [](const chart::Dependency& d) { return d.repository.empty(); });
  if (needs_none) return {};
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
    const std::string locked = *lock ? locked_version((*lock)->locked, dependency.name) : "";
    if (dependency.repository.empty() || is_vendored(tree, dependency.name, locked)) continue;
    std::erase_if(tree, [&](const auto& file) { return is_archive_of(file.first, dependency.name); });
    auto plain = check_chart_name(dependency.name, "name");
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
    const std::string version = locked.empty() ? dependency.version : locked;
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

Result<ObtainedChart> Charts::from_folder(const helmfile::State& state, const helmfile::ChartSource& source,
                                          Completing completing, const helmfile::Files& files) {
  const std::string& folder = source.path;
  switch (files.kind(folder)) {
    case helmfile::FileKind::none: return Error{Errc::not_found, "path \"" + folder + "\" not found"};
    case helmfile::FileKind::file: {
      auto bytes = files.read(folder);
      if (!bytes) return std::move(bytes).error();
      return from_archive(state, {std::move(*bytes), "", folder}, source, files);
    }
    case helmfile::FileKind::folder: break;
  }
  auto tree = read_folder(files, folder);
  if (!tree) return std::move(tree).error();
  return from_tree(state, std::move(*tree), source, folder, completing, files);
}

Result<ObtainedChart> Charts::from_git(const helmfile::State& state, const helmfile::ChartSource& source,
                                       Completing completing) {
  if (!options_.may_clone || !options_.may_clone(source.url) || options_.cache.empty()) {
    return Error{Errc::denied,
                 "charts from git are not allowed here: list the address in remote_sources, or put the chart into the repository or a "
                 "chart repository"};
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
  auto obtained = from_tree(state, std::move(*tree), source, ".", completing, helmfile::files_of(copy));
  if (obtained) obtained->from = source.url + "@" + source.path + " at " + commit.substr(0, 12);
  return obtained;
}

Result<ObtainedChart> Charts::from_tree(const helmfile::State& state, Tree tree, const helmfile::ChartSource& source,
                                        const std::string& folder, Completing completing, const helmfile::Files& files) {
  auto form = helmfile::ChartForm::chart;
  if (!tree.contains("Chart.yaml")) {
    form = tree.contains("kustomization.yaml") ? helmfile::ChartForm::kustomization : helmfile::ChartForm::manifests;
    tree = helmfile::to_manifests_chart(tree, helmfile::base_name(source.path), source.version);
  }
  if (completing == Completing::yes) {
    auto completed = complete(tree, state, folder, files, 0);
    if (!completed) return std::move(completed).error();
  }
  auto added = add_dependencies(tree, state, source.dependencies, files);
  if (!added) return std::move(added).error();
  const std::string digest = digest_of(tree);
  if (const auto known = charts_.find(digest); known != charts_.end()) return known->second;
  ObtainedChart obtained{.chart = nullptr, .version = "", .digest = digest, .from = folder, .form = form};
  if (!options_.only_bytes) {
    auto loaded = chart::load_chart(tree);
    if (!loaded) return std::move(loaded).error();
    obtained.chart = std::move(*loaded);
    obtained.version = obtained.chart->metadata.version;
  }
  if (options_.keep_files || options_.only_bytes) obtained.files = std::make_shared<const Tree>(std::move(tree));
  charts_.emplace(digest, obtained);
  return obtained;
}

}  // namespace sluice::source
