#include "core/kustomize/label_selector.hpp"

#include <algorithm>

#include "core/kustomize/resource.hpp"
#include "core/value/text.hpp"

namespace sluice::kustomize {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == text.npos ? std::string_view() : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The parts between the commas that stand in no brackets.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    parts.push_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return parts;
}

bool is_key(std::string_view text) { return !text.empty() && text.find_first_of(" \t()=!<>") == text.npos; }

}  // namespace

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  if (trimmed(text).empty()) return selector;
  for (const std::string_view part : split(text)) {
    auto requirement = parse_one(part);
    if (!requirement) return std::move(requirement).error().during("selector \"" + std::string(text) + "\"");
    selector.requirements_.push_back(std::move(*requirement));
  }
  return selector;
}

Result<LabelSelector::Requirement> LabelSelector::parse_one(std::string_view text) {
  const auto wrong = [&] {
    return Error{Errc::invalid, "found \"" + std::string(text) + "\", expected a requirement such as app=web"};
  };
  if (text.starts_with('!')) {
    const auto key = trimmed(text.substr(1));
    if (!is_key(key)) return wrong();
    return Requirement{std::string(key), Operator::is_missing, {}};
  }
  if (is_key(text)) return Requirement{std::string(text), Operator::exists, {}};
  struct Sign {
    std::string_view sign;
    Operator op;
  };
  for (const Sign& one : {Sign{"!=", Operator::is_not_in}, Sign{"==", Operator::is_in}, Sign{"=", Operator::is_in},
                          Sign{">", Operator::is_greater}, Sign{"<", Operator::is_less}}) {
    const std::size_t at = text.find(one.sign);
    if (at == text.npos) continue;
    const auto key = trimmed(text.substr(0, at)), value = trimmed(text.substr(at + one.sign.size()));
    if (!is_key(key) || (!value.empty() && !is_key(value))) return wrong();
    return Requirement{std::string(key), one.op, {std::string(value)}};
  }
  const std::size_t open = text.find('(');
  if (open == text.npos || !text.ends_with(')')) return wrong();
  std::string_view head = trimmed(text.substr(0, open));
  const bool negative = head.ends_with(" notin");
  if (!negative && !head.ends_with(" in")) return wrong();
  head = trimmed(head.substr(0, head.rfind(' ')));
  if (!is_key(head)) return wrong();
  Requirement requirement{std::string(head), negative ? Operator::is_not_in : Operator::is_in, {}};
  for (const std::string_view value : split(text.substr(open + 1, text.size() - open - 2)))
    requirement.values.emplace_back(value);
  return requirement;
}

bool LabelSelector::holds(const Requirement& requirement, const Value* labels) {
  const Value* found = labels == nullptr ? nullptr : labels->find(requirement.key);
  const std::string value = found == nullptr ? std::string() : scalar_text(*found).str();
  const bool listed = std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end();
  switch (requirement.op) {
    case Operator::exists: return found != nullptr;
    case Operator::is_missing: return found == nullptr;
    case Operator::is_in: return found != nullptr && listed;
    case Operator::is_not_in: return found == nullptr || !listed;
    case Operator::is_greater:
    case Operator::is_less: break;
  }
  const auto a = parse_int(value, 10), b = parse_int(requirement.values.front(), 10);
  return a && b && (requirement.op == Operator::is_greater ? a.value > b.value : a.value < b.value);
}

bool LabelSelector::matches(const Value* labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& one) { return holds(one, labels); });
}

}  // namespace sluice::kustomize
