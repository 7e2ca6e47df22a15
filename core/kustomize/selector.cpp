#include "core/kustomize/selector.hpp"

namespace sluice::kustomize {

Result<Selector> Selector::read(const Value& target) {
  Selector selector;
  if (is_null(target)) return selector;
  if (target.map() == nullptr) return Error{Errc::invalid, "`target` must be a map"};
  for (const Map::Entry& entry : *target.map()) {
    const std::string_view field = entry.key;
    const std::string text = scalar_text(entry.value).str();
    Pattern* pattern = field == "group"       ? &selector.group_
                       : field == "version"   ? &selector.version_
                       : field == "kind"      ? &selector.kind_
                       : field == "name"      ? &selector.name_
                       : field == "namespace" ? &selector.name_space_
                                              : nullptr;
    if (field == "labelSelector" || field == "annotationSelector") {
      auto parsed = LabelSelector::parse(text);
      if (!parsed) return std::move(parsed).error().during("`target." + entry.key.str() + "`");
      (field == "labelSelector" ? selector.labels_ : selector.annotations_) = std::move(*parsed);
    } else if (pattern == nullptr) {
      return Error{Errc::invalid, "unknown field \"" + entry.key.str() + "\" in `target`"};
    } else if (!text.empty()) {
      auto compiled = functions::Regex::compile("^(?:" + text + ")$");
      if (!compiled) return std::move(compiled).error().during("`target." + entry.key.str() + "`");
      *pattern = std::move(*compiled);
    }
  }
  return selector;
}

Result<bool> Selector::matches(const Resource& resource) const {
  const Id now = resource.id(), before = resource.original_id();
  const auto either = [](const Pattern& pattern, const std::string& a, const std::string& b) -> Result<bool> {
    if (!pattern) return true;
    auto matched = pattern->matches(a);
    return matched && !*matched ? pattern->matches(b) : matched;
  };
  for (const auto& [pattern, a, b] : {std::tuple<const Pattern&, std::string, std::string>{
                                          name_space_, before.effective_namespace(), now.effective_namespace()},
                                      {name_, before.name, now.name},
                                      {group_, now.group, now.group},
                                      {version_, now.version, now.version},
                                      {kind_, now.kind, now.kind}}) {
    auto matched = either(pattern, a, b);
    if (!matched || !*matched) return matched;
  }
  const Value* metadata = resource.object.find("metadata");
  const auto part = [&](std::string_view name) { return metadata == nullptr ? nullptr : metadata->find(name); };
  return labels_.matches(part("labels")) && annotations_.matches(part("annotations"));
}

}  // namespace sluice::kustomize
