#include "core/chart/ignore.hpp"

#include "core/chart/path_glob.hpp"
#include "core/chart/runes.hpp"

namespace sluice::chart {

IgnoreRules::IgnoreRules() : rules_{{.pattern = "templates/.?*", .whole_path = true}} {}

Result<IgnoreRules> IgnoreRules::parse(std::string_view text) {
  IgnoreRules out;
  const Rule always = std::move(out.rules_.front());
  out.rules_.clear();
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = trim_space(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    if (line.find("**") != line.npos) return Error{Errc::invalid, "double-star (**) syntax is not supported"};
    if (!is_path_pattern(line)) return Error{Errc::invalid, "syntax error in pattern"};

    Rule rule;
    rule.negated = line.front() == '!';
    if (rule.negated) line.remove_prefix(1);
    rule.directories_only = line.ends_with('/');
    if (rule.directories_only) line.remove_suffix(1);
    rule.whole_path = line.find('/') != line.npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    rule.pattern = line;
    out.rules_.push_back(std::move(rule));
  }
  out.rules_.push_back(always);
  return out;
}

bool IgnoreRules::ignores(std::string_view path, FileType type) const {
  if (path.empty() || path == "." || path == "./") return false;
  const std::string_view base = path.substr(path.rfind('/') + 1);
  for (const Rule& rule : rules_) {
    const bool wrong_type = rule.directories_only && type != FileType::directory;
    if (wrong_type && !rule.negated) continue;
    const bool matched = !wrong_type && match_path(rule.pattern, rule.whole_path ? path : base);
    if (matched != rule.negated) return true;
  }
  return false;
}

}  // namespace sluice::chart
