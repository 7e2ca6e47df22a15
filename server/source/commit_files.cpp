#include "server/source/commit_files.hpp"

#include <utility>

namespace sluice::source {

helmfile::Files files_of(CommitTree& tree) {
  const auto root_is_empty = [](const std::string& path) { return path == "." ? std::string() : path; };
  helmfile::Files files;
  files.read = [&tree](const std::string& path) { return tree.read(path); };
  files.kind = [&tree, root_is_empty](const std::string& path) {
    if (tree.is_file(path)) return helmfile::FileKind::file;
    return tree.is_folder(root_is_empty(path)) ? helmfile::FileKind::folder : helmfile::FileKind::none;
  };
  files.list = [&tree, root_is_empty](const std::string& path) -> Result<std::vector<helmfile::FileEntry>> {
    if (!tree.is_folder(root_is_empty(path))) return Error{Errc::not_found, "no folder " + path + " in this commit"};
    std::vector<helmfile::FileEntry> entries;
    for (std::string name : tree.list(root_is_empty(path))) {
      const bool folder = name.ends_with('/');
      if (folder) name.pop_back();
      entries.push_back({std::move(name), folder ? helmfile::FileKind::folder : helmfile::FileKind::file});
    }
    return entries;
  };
  return files;
}

}  // namespace sluice::source
