#include "core/helmfile/outside.hpp"

#include "core/helmfile/paths.hpp"

namespace sluice::helmfile {

namespace {

bool leaves_the_tree(const std::string& path) { return is_absolute(path) || path == ".." || path.starts_with("../"); }

Error outside_tree(const std::string& path) {
  return {Errc::denied, "path-outside-tree: \"" + path + "\" is not inside the commit"};
}

/// What the paths of the folder `path` begin with; "" for the root.
std::string prefix_of(const std::string& path) { return path == "." ? "" : path + "/"; }

}  // namespace

Files files_of(const Tree& tree) {
  Files files;
  files.read = [&tree](const std::string& path) -> Result<std::string> {
    if (leaves_the_tree(path)) return outside_tree(path);
    const auto file = tree.find(path);
    if (file == tree.end()) return Error{Errc::not_found, "open " + path + ": no such file or directory"};
    return file->second;
  };
  files.kind = [&tree](const std::string& path) {
    if (leaves_the_tree(path)) return FileKind::none;
    if (tree.contains(path)) return FileKind::file;
    const auto inside = tree.lower_bound(prefix_of(path));
    const bool is_folder = inside != tree.end() && inside->first.starts_with(prefix_of(path));
    return is_folder ? FileKind::folder : FileKind::none;
  };
  files.list = [&tree, kind = files.kind](const std::string& path) -> Result<std::vector<FileEntry>> {
    if (leaves_the_tree(path)) return outside_tree(path);
    if (kind(path) != FileKind::folder) return Error{Errc::not_found, "open " + path + ": no such file or directory"};
    const std::string prefix = prefix_of(path);
    std::map<std::string, FileKind> entries;
    for (auto it = tree.lower_bound(prefix); it != tree.end() && it->first.starts_with(prefix); ++it) {
      const std::string rest = it->first.substr(prefix.size());
      const std::size_t slash = rest.find('/');
      entries.emplace(rest.substr(0, slash), slash == std::string::npos ? FileKind::file : FileKind::folder);
    }
    std::vector<FileEntry> list;
    for (const auto& [name, kind_of] : entries) list.push_back({name, kind_of});
    return list;
  };
  return files;
}

Result<std::string> fetch(const Outside& outside, const std::string& address) {
  if (outside.fetch) return outside.fetch(address);
  return Error{Errc::unsupported, "\"" + address + "\": files from other addresses are not read here; put it into the repository"};
}

}  // namespace sluice::helmfile
