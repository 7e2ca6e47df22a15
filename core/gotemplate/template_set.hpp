#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"
#include "core/gotemplate/function.hpp"
#include "core/gotemplate/parser.hpp"

namespace sluice::gotemplate {

/// A named template and the file that defines it.
struct Template {
  const Tree* tree = nullptr;
  const Body* body = nullptr;
  explicit operator bool() const { return body != nullptr; }
};

/// Templates that may invoke each other by name. A set is filled, then executed; executing does not change it.
class TemplateSet {
 public:
  /// `name` is that of the set, which errors mention: Helm's is "gotpl". `functions` must outlive the set.
  TemplateSet(std::string name, const FunctionTable& functions) : name_(std::move(name)), functions_(&functions) {}
  /// A set on top of another, which it sees and may hide parts of. `below` must outlive it.
  explicit TemplateSet(const TemplateSet& below, std::nullptr_t) : name_(below.name_), functions_(below.functions_), below_(&below) {}

  /// Adds what a parsed file defines, the file itself included. A later definition replaces an earlier one, unless it is
  /// blank: that only makes a name known.
  void add(std::shared_ptr<const Tree> tree);
  /// Parses and adds. Errors: as parse().
  Result<> add(std::string file, std::string text, const ParseLimits& limits = {});

  Template find(std::string_view name) const;
  const std::string& name() const { return name_; }
  const FunctionTable& functions() const { return *functions_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  std::string name_;
  const FunctionTable* functions_;
  const TemplateSet* below_ = nullptr;
  std::vector<std::shared_ptr<const Tree>> trees_;
  std::unordered_map<std::string_view, Template, Hash, std::equal_to<>> templates_;  // keys live in the trees
};

}  // namespace sluice::gotemplate
