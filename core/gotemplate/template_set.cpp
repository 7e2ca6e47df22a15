#include "core/gotemplate/template_set.hpp"

namespace sluice::gotemplate {

void TemplateSet::add(std::shared_ptr<const Tree> tree) {
  for (const Body& body : tree->bodies) {
    if (body.is_empty && find(body.name)) continue;
    templates_.erase(body.name);  // the key lives in the tree that is replaced
    templates_.emplace(body.name, Template{tree.get(), &body});
  }
  trees_.push_back(std::move(tree));
}

Result<> TemplateSet::add(std::string file, std::string text, const ParseLimits& limits) {
  auto tree = parse(std::move(file), std::move(text), *functions_, limits);
  if (!tree) return std::move(tree).error();
  add(std::move(*tree));
  return {};
}

Template TemplateSet::find(std::string_view name) const {
  for (const TemplateSet* set = this; set; set = set->below_) {
    if (const auto at = set->templates_.find(name); at != set->templates_.end()) return at->second;
  }
  return {};
}

}  // namespace sluice::gotemplate
