#include "core/helmfile/selector.hpp"

#include <algorithm>

namespace sluice::helmfile {

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./+-").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool Selector::selects(const Labels& labels) const {
  for (const auto& [key, wanted] : equal) {
    const auto label = labels.find(key);
    if (label == labels.end() || label->second != wanted) return false;
  }
  for (const auto& [key, unwanted] : not_equal) {
    const auto label = labels.find(key);
    if (label != labels.end() && label->second == unwanted) return false;
  }
  return true;
}

Result<Selector> parse_selector(std::string_view text) {
  Selector selector;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view term = text.substr(at, comma - at);
    at = comma + 1;
    const std::size_t equals = term.find('=');
    const bool negated = equals != std::string_view::npos && equals > 0 && term[equals - 1] == '!';
    const std::string_view key = term.substr(0, negated ? equals - 1 : std::min(equals, term.size()));
    const std::string_view wanted = equals == std::string_view::npos ? std::string_view() : term.substr(equals + 1);
    if (!is_token(key) || !is_token(wanted)) {
      return Error{Errc::invalid, "malformed label: " + std::string(term) + ". Expected label in form k=v or k!=v"};
    }
    (negated ? selector.not_equal : selector.equal).emplace_back(key, wanted);
  }
  return selector;
}

bool any_selects(const std::vector<Selector>& selectors, const Labels& labels) {
  return selectors.empty() ||
         std::any_of(selectors.begin(), selectors.end(), [&labels](const Selector& s) { return s.selects(labels); });
}

}  // namespace sluice::helmfile
