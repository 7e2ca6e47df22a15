#include "core/functions/loops.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace sluice::functions {

namespace {

bool is_container(const Value& value) { return value.list() || value.map(); }

/// May there be lists or maps below it?
bool holds_containers(const Value& value) {
  if (value.is_list()) return std::ranges::any_of(value.items(), is_container);
  return value.map() && std::ranges::any_of(*value.map(), [](const Map::Entry& entry) { return is_container(entry.value); });
}

/// Walks everything below some maps, without recursion, and cuts what leads back to where the walk is.
class Cutter {
 public:
  void walk(Value start) {
    enter(std::move(start));
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next == step.value.size()) {
        on_path_.erase(step.value.identity());
        path_.pop_back();
        continue;
      }
      Value& element = step.value.is_list() ? step.value.list()->items[step.next] : step.value.map()->mutable_entries()[step.next].value;
      ++step.next;
      if (!is_container(element)) continue;
      if (on_path_.contains(element.identity())) {
        element = {};
      } else {
        enter(element);
      }
    }
  }

 private:
  struct Step {
    Value value;
    std::size_t next = 0;
  };

  void enter(Value value) {
    if (!met_.insert(value.identity()).second) return;
    on_path_.insert(value.identity());
    path_.push_back({std::move(value)});
  }

  std::vector<Step> path_;
  std::unordered_set<const void*> met_, on_path_;
};

}  // namespace

void Loops::add(const Value& map, const Value& element) {
  if (!is_container(element)) return;
  if (element.identity() != map.identity() && !holds_containers(element)) return;  // no loop can be closed
  if (maps_.empty() || maps_.back().identity() != map.identity()) maps_.push_back(map);
}

void Loops::open() {
  Cutter cutter;
  for (const Value& map : std::exchange(maps_, {})) cutter.walk(map);
}

}  // namespace sluice::functions
