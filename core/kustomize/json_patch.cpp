#include "core/kustomize/json_patch.hpp"

#include <optional>
#include <string>
#include <vector>

#include "core/value/text.hpp"

namespace sluice::kustomize {

namespace {

struct Unfit {
  std::string why;
};

std::string unescaped(std::string_view step) {
  std::string text;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1')) {
      text += step[++i] == '0' ? '~' : '/';
    } else {
      text += step[i];
    }
  }
  return text;
}

std::vector<std::string> steps_of(std::string_view pointer) {
  std::vector<std::string> steps;
  for (std::size_t slash = pointer.find('/'); slash != pointer.npos;) {
    const std::size_t next = pointer.find('/', slash + 1);
    steps.push_back(unescaped(pointer.substr(slash + 1, next == pointer.npos ? next : next - slash - 1)));
    slash = next;
  }
  return steps;
}

/// `size` is how many there are; the answer is below it.
std::size_t index_of(const std::string& step, std::size_t size, const std::string& path) {
  const auto number = parse_int(step, 10);
  if (!number) throw Unfit{"\"" + step + "\" in " + path + " is no index of a list"};
  const auto count = static_cast<std::int64_t>(size);
  const std::int64_t index = number.value < 0 ? number.value + count : number.value;
  if (index < 0 || index >= count) throw Unfit{"there is no index " + step + " at " + path};
  return static_cast<std::size_t>(index);
}

class Patch {
 public:
  Patch(Value& object, const Value& operation) : object_(object), operation_(operation) {}

  void apply() {
    const std::string name = text("op");
    const std::string path = text("path");
    if (path.empty()) throw Unfit{"`path` is missing"};
    if (name == "add") return add(path, value());
    if (name == "remove") return static_cast<void>(remove(path));
    if (name == "replace") return replace(path);
    if (name == "move") return add(path, remove(text("from")));
    if (name == "copy") return add(path, deep_copy(get(text("from"))));
    if (name == "test") return test(path);
    throw Unfit{"unknown op \"" + name + "\""};
  }

 private:
  std::string text(std::string_view field) const {
    const Value* found = operation_.find(field);
    return found == nullptr ? std::string() : std::string(found->str());
  }

  Value value() const {
    const Value* found = operation_.find("value");
    return found == nullptr ? Value() : deep_copy(*found);
  }

  /// What holds the last step of `path`.
  Value& holder(const std::vector<std::string>& steps, const std::string& path) {
    if (steps.empty()) throw Unfit{"there is nothing at \"" + path + "\""};
    Value* at = &object_;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      Value* next = nullptr;
      if (at->map() != nullptr) next = at->map()->find(steps[i]);
      if (at->list() != nullptr) next = &at->list()->items[index_of(steps[i], at->size(), path)];
      if (next == nullptr) throw Unfit{"there is nothing at " + path + ": \"" + steps[i] + "\" is missing"};
      at = next;
    }
    if (at->map() == nullptr && at->list() == nullptr) throw Unfit{"there is nothing at " + path};
    return *at;
  }

  void add(const std::string& path, Value what) {
    const auto steps = steps_of(path);
    Value& in = holder(steps, path);
    if (in.map() != nullptr) return in.map()->set(steps.back(), std::move(what));
    auto& items = in.list()->items;
    if (steps.back() == "-") return items.push_back(std::move(what));
    const std::size_t index = index_of(steps.back(), items.size() + 1, path);
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(what));
  }

  Value remove(const std::string& path) {
    const auto steps = steps_of(path);
    Value& in = holder(steps, path);
    const Value removed = get(path);
    if (in.map() != nullptr) {
      if (!in.map()->erase(steps.back())) throw Unfit{"there is nothing at " + path + " to remove"};
      return removed;
    }
    auto& items = in.list()->items;
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index_of(steps.back(), items.size(), path)));
    return removed;
  }

  void replace(const std::string& path) {
    const auto steps = steps_of(path);
    Value& in = holder(steps, path);
    if (in.map() != nullptr) return in.map()->set(steps.back(), value());
    in.list()->items[index_of(steps.back(), in.size(), path)] = value();
  }

  Value get(const std::string& path) {
    const auto steps = steps_of(path);
    const Value& in = holder(steps, path);
    if (in.map() == nullptr) return in.items()[index_of(steps.back(), in.size(), path)];
    const Value* found = in.find(steps.back());
    return found == nullptr ? Value() : *found;
  }

  void test(const std::string& path) {
    if (!deep_equal(get(path), value())) throw Unfit{"what stands at " + path + " is not what `test` expects"};
  }

  Value& object_;
  const Value& operation_;
};

}  // namespace

Result<> apply_json_patch(Value& object, const Value& operations) {
  std::size_t number = 0;
  for (const Value& operation : operations.items()) {
    ++number;
    try {
      Patch(object, operation).apply();
    } catch (const Unfit& unfit) {
      return Error{Errc::invalid, "operation " + std::to_string(number) + ": " + unfit.why};
    }
  }
  return {};
}

}  // namespace sluice::kustomize
