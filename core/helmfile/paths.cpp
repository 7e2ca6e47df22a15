#include "core/helmfile/paths.hpp"

#include <algorithm>
#include <optional>

#include "core/helmfile/outside.hpp"

namespace sluice::helmfile {

bool is_absolute(std::string_view path) { return path.starts_with('/'); }

std::string clean_path(std::string_view path) {
  const bool rooted = is_absolute(path);
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, slash - at);
    if (part == "..") {
      if (!parts.empty() && parts.back() != "..") {
        parts.pop_back();
      } else if (!rooted) {
        parts.push_back(part);
      }
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = slash + 1;
  }
  std::string out = rooted ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += '/';
    out += parts[i];
  }
  return out.empty() ? "." : out;
}

std::string join_path(std::string_view base, std::string_view path) {
  if (is_absolute(path) || base.empty()) return clean_path(path);
  return clean_path(std::string(base) + "/" + std::string(path));
}

std::string directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return clean_path(path.substr(0, slash == 0 ? 1 : slash));
}

std::string base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string_view extension_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) return {};
  return path.substr(dot);
}

bool is_remote(std::string_view path) {
  return path.find("://") != std::string_view::npos || (path.find("::") != std::string_view::npos && !path.starts_with('/'));
}

namespace {

bool has_magic(std::string_view text) { return text.find_first_of("*?[\\") != std::string_view::npos; }

/// One character class at the start of `pattern`, which is cut past it; nothing if it is malformed.
std::optional<bool> match_class(std::string_view& pattern, char c) {
  pattern.remove_prefix(1);
  bool negated = false;
  if (pattern.starts_with('^')) {
    negated = true;
    pattern.remove_prefix(1);
  }
  auto take = [&pattern]() -> std::optional<char> {
    if (pattern.empty() || pattern.front() == '-' || pattern.front() == ']') return std::nullopt;
    if (pattern.front() == '\\') pattern.remove_prefix(1);
    if (pattern.empty()) return std::nullopt;
    const char taken = pattern.front();
    pattern.remove_prefix(1);
    return taken;
  };
  bool found = false;
  for (int ranges = 0;; ++ranges) {
    if (pattern.starts_with(']') && ranges > 0) break;
    const auto low = take();
    if (!low) return std::nullopt;
    auto high = low;
    if (pattern.starts_with('-')) {
      pattern.remove_prefix(1);
      high = take();
      if (!high) return std::nullopt;
    }
    found = found || (*low <= c && c <= *high);
  }
  pattern.remove_prefix(1);
  return found != negated;
}

Error bad_pattern(std::string_view pattern) {
  return {Errc::invalid, "syntax error in pattern \"" + std::string(pattern) + "\""};
}

}  // namespace

Result<bool> matches(std::string_view pattern, std::string_view name) {
  const std::string_view whole = pattern;
  while (!pattern.empty()) {
    const char p = pattern.front();
    if (p == '*') {
      pattern.remove_prefix(1);
      for (std::size_t skip = 0; skip <= name.size(); ++skip) {
        auto rest = matches(pattern, name.substr(skip));
        if (!rest || *rest) return rest;
        if (skip < name.size() && name[skip] == '/') break;
      }
      return false;
    }
    if (name.empty()) return false;
    if (p == '[') {
      const auto in_class = match_class(pattern, name.front());
      if (!in_class) return bad_pattern(whole);
      if (!*in_class) return false;
    } else {
      if (p == '\\') pattern.remove_prefix(1);
      if (pattern.empty()) return bad_pattern(whole);
      if ((p == '?' && name.front() == '/') || (p != '?' && pattern.front() != name.front())) return false;
      pattern.remove_prefix(1);
    }
    name.remove_prefix(1);
  }
  return name.empty();
}

Result<std::vector<std::string>> glob(const Files& files, std::string_view pattern) {
  std::vector<std::string> found;
  if (!has_magic(pattern)) {
    if (files.kind(clean_path(pattern)) != FileKind::none) found.push_back(clean_path(pattern));
    return found;
  }
  const std::string folder_pattern = directory_of(pattern);
  const std::string name_pattern = base_name(pattern);
  auto folders = glob(files, folder_pattern);
  if (!folders) return folders;
  for (const std::string& folder : *folders) {
    if (files.kind(folder) != FileKind::folder) continue;
    auto entries = files.list(folder);
    if (!entries) continue;  // as Go does: what cannot be read matches nothing
    for (const FileEntry& entry : *entries) {
      auto match = matches(name_pattern, entry.name);
      if (!match) return std::move(match).error();
      if (*match) found.push_back(join_path(folder, entry.name));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace sluice::helmfile
