// Semantic versions as templates hold them.

#include <array>

#include "core/functions/semver.hpp"
#include "core/functions/support.hpp"

namespace sluice::functions {
namespace {

/// *semver.Version, or the semver.Version that its Inc methods return.
class VersionObject final : public Object {
 public:
  enum class Form { pointer, plain };
  VersionObject(Version v, Form form) : version(std::move(v)), form_(form) {}
  std::string_view go_type() const override { return form_ == Form::pointer ? "*semver.Version" : "semver.Version"; }
  std::string_view go_kind() const override { return form_ == Form::pointer ? "ptr" : "struct"; }
  const Method* method(std::string_view name) const override;
  bool string_method(std::string& out) const override {
    out = version.text();
    return true;
  }
  std::string default_text() const override { return version.text(); }
  Value to_plain() const override { return make_text(version.text()); }
  bool equals(const Object& other) const override {
    const auto* same = dynamic_cast<const VersionObject*>(&other);
    return same && same->form_ == form_ && compare(same->version, version) == 0 && same->version.metadata == version.metadata &&
           same->version.original == version.original;
  }

  const Version version;

 private:
  Form form_;
};

const Version& version_of(const Value& receiver) { return static_cast<const VersionObject*>(receiver.object())->version; }
Value plain_version(Version version) {
  return Value::of_object(make_ref<VersionObject>(std::move(version), VersionObject::Form::plain));
}

using Args = std::span<const Value>;

template <Value (*get)(const Version&)>
Result<Value> got(const Value& receiver, Args) {
  return get(version_of(receiver));
}

Result<int> compared(const Value& receiver, const Value& other) {
  const auto* object = other.is_object() ? dynamic_cast<const VersionObject*>(other.object()) : nullptr;
  if (object) return compare(version_of(receiver), object->version);
  return failure("wrong type for value; expected *semver.Version; got " + std::string(type_name(other)));
}

template <bool (*holds)(int)>
Result<Value> ordered(const Value& receiver, Args args) {
  auto order = compared(receiver, args[0]);
  if (!order) return std::move(order).error();
  return Value::of_bool(holds(*order));
}

Result<Value> compare_method(const Value& receiver, Args args) {
  auto order = compared(receiver, args[0]);
  if (!order) return std::move(order).error();
  return Value::of_int(*order);
}

const Method methods[] = {
    {"Major", {}, false, got<[](const Version& v) { return Value::of_uint64(v.major); }>},
    {"Minor", {}, false, got<[](const Version& v) { return Value::of_uint64(v.minor); }>},
    {"Patch", {}, false, got<[](const Version& v) { return Value::of_uint64(v.patch); }>},
    {"Prerelease", {}, false, got<[](const Version& v) { return make_text(v.prerelease); }>},
    {"Metadata", {}, false, got<[](const Version& v) { return make_text(v.metadata); }>},
    {"Original", {}, false, got<[](const Version& v) { return make_text(v.original); }>},
    {"String", {}, false, got<[](const Version& v) { return make_text(v.text()); }>},
    {"IncPatch", {}, false, got<[](const Version& v) { return plain_version(v.next_patch()); }>},
    {"IncMinor", {}, false, got<[](const Version& v) { return plain_version(v.next_minor()); }>},
    {"IncMajor", {}, false, got<[](const Version& v) { return plain_version(v.next_major()); }>},
    {"Compare", {GoType::any}, false, compare_method},
    {"Equal", {GoType::any}, false, ordered<[](int order) { return order == 0; }>},
    {"LessThan", {GoType::any}, false, ordered<[](int order) { return order < 0; }>},
    {"LessThanEqual", {GoType::any}, false, ordered<[](int order) { return order <= 0; }>},
    {"GreaterThan", {GoType::any}, false, ordered<[](int order) { return 0 < order; }>},
    {"GreaterThanEqual", {GoType::any}, false, ordered<[](int order) { return order >= 0; }>},
};

const Method* VersionObject::method(std::string_view name) const {
  for (const Method& method : methods)
    if (method.name == name) return &method;
  return nullptr;
}

template <SemverRules rules>
Result<Value> semver(Call&, Arguments args) {
  auto version = parse_version(args[0].str(), rules);
  if (!version) return std::move(version).error();
  return Value::of_object(make_ref<VersionObject>(std::move(*version), VersionObject::Form::pointer));
}

template <SemverRules rules>
Result<Value> semver_compare(Call&, Arguments args) {
  auto constraint = Constraint::parse(args[0].str(), rules);
  if (!constraint) return std::move(constraint).error();
  auto version = parse_version(args[1].str(), rules);
  if (!version) return std::move(version).error();
  return Value::of_bool(constraint->admits(*version));
}

}  // namespace

void add_version_functions(FunctionTable& table, Helm helm) {
  constexpr GoType string = GoType::string;
  constexpr auto helm3 = SemverRules::helm3, helm4 = SemverRules::helm4;
  const bool is_helm4 = helm == Helm::v4;
  define(table, {
                    {"semver", {string}, is_helm4 ? semver<helm4> : semver<helm3>},
                    {"semverCompare", {string, string}, is_helm4 ? semver_compare<helm4> : semver_compare<helm3>},
                });
}

}  // namespace sluice::functions
