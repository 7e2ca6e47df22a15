#include <algorithm>
#include <charconv>
#include <optional>

#include "server/base/process.hpp"
#include "server/source/git.hpp"

namespace sluice::source {

namespace {

bool is_clean(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.back() == '/') return false;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

struct CommitTree::State {
  struct Entry {
    std::string object;
    std::size_t size = 0;
    char type = 'f';  // f file, l link, s submodule
  };
  std::map<std::string, Entry, std::less<>> entries;
  std::optional<Conversation> objects;
  ProcessRequest batch;
  GitLimits limits;

  Result<std::string> read_object(const Entry& entry, std::string_view path);
};

Result<std::string> CommitTree::State::read_object(const Entry& entry, std::string_view path) {
  if (entry.type == 'l')
    return Error{Errc::denied, "path-outside-tree: " + std::string(path) + " is a symbolic link; links are not followed"};
  if (entry.type == 's')
    return Error{Errc::denied, "path-outside-tree: " + std::string(path) + " is a submodule; submodules are not fetched"};
  if (entry.size > limits.file_size) {
    return Error{Errc::invalid,
                 std::string(path) + " has " + std::to_string(entry.size) + " bytes, limit " + std::to_string(limits.file_size)};
  }
  if (!objects) {
    auto started = Conversation::start(batch);
    if (!started) return std::move(started).error();
    objects = std::move(*started);
  }
  if (auto asked = objects->write(entry.object + "\n"); !asked) return std::move(asked).error();
  auto header = objects->read_line();
  if (!header) return std::move(header).error().during("reading " + std::string(path));
  if (*header != entry.object + " blob " + std::to_string(entry.size)) {
    return Error{Errc::unavailable, "reading " + std::string(path) + ": git answered \"" + *header + "\""};
  }
  auto bytes = objects->read_exactly(entry.size + 1);
  if (!bytes) return std::move(bytes).error().during("reading " + std::string(path));
  bytes->pop_back();
  return bytes;
}

CommitTree::CommitTree(std::unique_ptr<State> state) : state_(std::move(state)) {}
CommitTree::~CommitTree() = default;

Result<std::string> CommitTree::read(std::string_view path) {
  if (!is_clean(path))
    return Error{Errc::denied, "path-outside-tree: \"" + std::string(path) + "\" is not a path inside the repository"};
  const auto found = state_->entries.find(path);
  if (found != state_->entries.end()) return state_->read_object(found->second, path);
  // A link or submodule on the way explains more than "not found".
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const auto parent = state_->entries.find(path.substr(0, slash));
    if (parent != state_->entries.end() && parent->second.type != 'f') return state_->read_object(parent->second, parent->first);
  }
  return Error{Errc::not_found, "no file " + std::string(path) + " in this commit"};
}

bool CommitTree::is_file(std::string_view path) const {
  const auto found = state_->entries.find(path);
  return found != state_->entries.end() && found->second.type == 'f';
}

bool CommitTree::is_folder(std::string_view path) const {
  if (path.empty()) return true;
  const std::string prefix = std::string(path) + "/";
  const auto next = state_->entries.lower_bound(prefix);
  return next != state_->entries.end() && next->first.starts_with(prefix);
}

std::vector<std::string> CommitTree::list(std::string_view folder) const {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  std::vector<std::string> names;
  for (auto at = state_->entries.lower_bound(prefix); at != state_->entries.end() && at->first.starts_with(prefix); ++at) {
    const std::string_view rest = std::string_view(at->first).substr(prefix.size());
    const auto slash = rest.find('/');
    std::string name(slash == std::string_view::npos ? rest : rest.substr(0, slash + 1));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

Result<Tree> CommitTree::subtree(std::string_view folder) {
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  if (!prefix.empty() && !is_clean(folder)) {
    return Error{Errc::denied, "path-outside-tree: \"" + std::string(folder) + "\" is not a path inside the repository"};
  }
  Tree files;
  std::size_t total = 0;
  for (auto at = state_->entries.lower_bound(prefix); at != state_->entries.end() && at->first.starts_with(prefix); ++at) {
    total += at->second.size;
    if (total > state_->limits.tree_size) {
      return Error{Errc::invalid, std::string(folder) + " has more than " + std::to_string(state_->limits.tree_size) + " bytes"};
    }
    auto bytes = state_->read_object(at->second, at->first);
    if (!bytes) return std::move(bytes).error();
    files.emplace(at->first.substr(prefix.size()), std::move(*bytes));
  }
  if (files.empty()) return Error{Errc::not_found, "no folder " + std::string(folder) + " in this commit"};
  return files;
}

Result<std::unique_ptr<CommitTree>> CommitTree::of_listing(std::string_view text, const GitLimits& limits, ProcessRequest batch) {
  auto state = std::make_unique<State>();
  state->limits = limits;
  state->batch = std::move(batch);
  while (!text.empty()) {
    const auto end = std::min(text.find('\0'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    // "100644 blob <object> <size padded>\t<path>"
    const auto tab = line.find('\t');
    if (tab == std::string_view::npos) continue;
    const auto mode = line.substr(0, 6);
    const auto object_begin = line.find(' ', 7) + 1;
    const auto object_end = line.find(' ', object_begin);
    State::Entry entry;
    entry.object = line.substr(object_begin, object_end - object_begin);
    entry.type = mode == "120000" ? 'l' : mode == "160000" ? 's' : 'f';
    const auto size = line.find_first_not_of(' ', object_end);
    std::from_chars(line.data() + size, line.data() + tab, entry.size);
    std::string path(line.substr(tab + 1));
    if (!is_clean(path)) return Error{Errc::denied, "path-outside-tree: the commit has a file named \"" + path + "\""};
    state->entries.emplace(std::move(path), std::move(entry));
    if (state->entries.size() > limits.file_count) {
      return Error{Errc::invalid, "the commit has more than " + std::to_string(limits.file_count) + " files"};
    }
  }
  return std::unique_ptr<CommitTree>(new CommitTree(std::move(state)));
}

}  // namespace sluice::source
