#include "core/kustomize/field_spec.hpp"

#include <span>

namespace sluice::kustomize {

namespace {

std::vector<std::string> steps_of(const std::string& path) {
  std::vector<std::string> steps(1);
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size() && path[i + 1] == '/') {
      steps.back() += path[++i];
    } else if (path[i] == '/') {
      steps.emplace_back();
    } else {
      steps.back() += path[i];
    }
  }
  return steps;
}

class Walk {
 public:
  Walk(bool create, Make make, const SetField& set) : create_(create && make != Make::nothing), make_(make), set_(set) {}

  Result<> go(Value& at, std::span<const std::string> steps) {
    if (steps.empty()) return set_(at);
    if (is_null(at)) return {};
    if (at.list() != nullptr) {
      for (Value& item : at.list()->items) {
        if (auto done = go(item, steps); !done) return done;
      }
      return {};
    }
    if (at.map() == nullptr) return Error{Errc::invalid, "expected a list or a map before \"" + steps.front() + "\""};
    return into(*at.map(), steps);
  }

 private:
  Result<> into(Map& map, std::span<const std::string> steps) {
    std::string name = steps.front();
    const bool is_list = name.ends_with("[]");
    if (is_list) name.resize(name.size() - 2);
    if (name.empty()) return Error{Errc::invalid, "an empty step in the path"};
    const bool may_make = create_ && !is_list;
    Value* field = map.find(name);
    if (field == nullptr && !may_make) return {};
    if (field == nullptr) field = &map.at_or_add(Text(name));
    if (may_make && is_null(*field) && (steps.size() > 1 || make_ == Make::map)) *field = Value::new_map();
    return go(*field, steps.subspan(1));
  }

  bool create_;
  Make make_;
  const SetField& set_;
};

}  // namespace

bool FieldSpec::selects(const Id& id) const {
  return (kind.empty() || kind == id.kind) && (group.empty() || group == id.group) && (version.empty() || version == id.version);
}

Result<std::vector<FieldSpec>> read_field_specs(const Value& config) {
  std::vector<FieldSpec> specs;
  const Value* list = config.find("fieldSpecs");
  if (list == nullptr || is_null(*list)) return specs;
  if (!list->is_list()) return Error{Errc::invalid, "`fieldSpecs` must be a list"};
  for (const Value& item : list->items()) {
    FieldSpec spec{text_at(item, {"group"}), text_at(item, {"version"}), text_at(item, {"kind"}), text_at(item, {"path"})};
    if (const Value* create = item.find("create"); create != nullptr && create->is_bool()) spec.create = create->as_bool();
    if (spec.path.empty()) return Error{Errc::invalid, "an entry of `fieldSpecs` has no `path`"};
    specs.push_back(std::move(spec));
  }
  return specs;
}

Result<> set_fields(Resource& resource, const FieldSpec& spec, Make make, const SetField& set) {
  const Id id = resource.id();
  if (!spec.selects(id)) return {};
  auto done = Walk(spec.create, make, set).go(resource.object, steps_of(spec.path));
  if (!done) return std::move(done).error().during("field " + spec.path + " of " + to_string(id));
  return {};
}

}  // namespace sluice::kustomize
