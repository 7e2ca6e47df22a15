#include "core/value/value.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include "core/value/walk.hpp"

namespace sluice {

namespace {

struct Complex : RefCounted {
  double real = 0;
  double imaginary = 0;
  static void destroy(Complex* complex) noexcept { delete complex; }
};

/// Deletes lists and maps. What nests deeper than a stack should follow waits until the outermost is done.
/// (Trivial thread_locals: values of static storage are destroyed after all others.)
template <class T>
void destroy_flat(T* container) noexcept {
  constexpr int deep = 200;
  thread_local int depth = 0;
  thread_local std::vector<T*>* waiting = nullptr;
  if (depth == deep) {
    if (!waiting) waiting = new std::vector<T*>;
    waiting->push_back(container);
    return;
  }
  ++depth;
  delete container;
  while (depth == 1 && waiting) {
    const std::unique_ptr<std::vector<T*>> now(std::exchange(waiting, nullptr));
    for (T* next : *now) delete next;
  }
  --depth;
}

template <class T>
void drop(void* ref) noexcept {
  (void)Ref<T>::adopt(static_cast<T*>(ref));
}

}  // namespace

void List::destroy(List* list) noexcept { destroy_flat(list); }
void Map::destroy(Map* map) noexcept { destroy_flat(map); }

Value Value::of_bool(bool b) noexcept {
  Value value;
  value.kind_ = Kind::boolean;
  value.payload_.b = b;
  return value;
}

Value Value::of_int(std::int64_t n) noexcept {
  Value value;
  value.kind_ = Kind::int_;
  value.payload_.i = n;
  return value;
}

Value Value::of_int64(std::int64_t n) noexcept {
  Value value;
  value.kind_ = Kind::int64;
  value.payload_.i = n;
  return value;
}

Value Value::of_uint64(std::uint64_t n) noexcept {
  Value value;
  value.kind_ = Kind::uint64;
  value.payload_.u = n;
  return value;
}

Value Value::of_float(double d) noexcept {
  Value value;
  value.kind_ = Kind::float64;
  value.payload_.d = d;
  return value;
}

Value Value::of_complex(double real, double imaginary) {
  auto complex = make_ref<Complex>();
  complex->real = real;
  complex->imaginary = imaginary;
  Value value;
  value.kind_ = Kind::complex128;
  value.payload_.ref = complex.leak();
  return value;
}

Value Value::of_string(Text text) noexcept {
  Value value;
  value.kind_ = Kind::string;
  value.payload_.ref = text.rep_.leak();
  return value;
}

Value Value::of_bytes(Text bytes) noexcept {
  Value value;
  value.kind_ = Kind::bytes;
  value.payload_.ref = bytes.rep_.leak();
  return value;
}

Value Value::of_list(Ref<List> list, ListType type) noexcept {
  Value value;
  value.kind_ = Kind::list;
  value.detail_ = static_cast<std::uint8_t>(type);
  value.payload_.ref = list.leak();
  return value;
}

Value Value::of_map(Ref<Map> map, MapType type) noexcept {
  Value value;
  value.kind_ = Kind::map;
  value.detail_ = static_cast<std::uint8_t>(type);
  value.payload_.ref = map.leak();
  return value;
}

Value Value::of_object(Ref<Object> object) noexcept {
  Value value;
  value.kind_ = Kind::object;
  value.payload_.ref = object.leak();
  return value;
}

Value Value::new_list(std::vector<Value> items, ListType type) { return of_list(make_ref<List>(std::move(items)), type); }

Value Value::new_map(std::initializer_list<std::pair<std::string_view, Value>> entries, MapType type) {
  std::vector<Map::Entry> list;
  list.reserve(entries.size());
  for (const auto& [key, value] : entries) list.push_back({Text(key), value});
  return of_map(make_ref<Map>(std::move(list)), type);
}

Value::Value(const Value& other) noexcept
    : payload_(other.payload_), kind_(other.kind_), detail_(other.detail_), secret_(other.secret_) {
  if (kind_ >= Kind::complex128) retain();
}

void Value::retain() const noexcept {
  if (!payload_.ref) return;
  switch (kind_) {
    case Kind::complex128: static_cast<Complex*>(payload_.ref)->retain(); break;
    case Kind::string:
    case Kind::bytes: static_cast<Text::Rep*>(payload_.ref)->retain(); break;
    case Kind::list: static_cast<List*>(payload_.ref)->retain(); break;
    case Kind::map: static_cast<Map*>(payload_.ref)->retain(); break;
    case Kind::object: static_cast<Object*>(payload_.ref)->retain(); break;
    default: break;
  }
}

void Value::release() noexcept {
  if (!payload_.ref) return;
  switch (kind_) {
    case Kind::complex128: drop<Complex>(payload_.ref); break;
    case Kind::string:
    case Kind::bytes: drop<Text::Rep>(payload_.ref); break;
    case Kind::list: drop<List>(payload_.ref); break;
    case Kind::map: drop<Map>(payload_.ref); break;
    case Kind::object: drop<Object>(payload_.ref); break;
    default: break;
  }
}

std::pair<double, double> Value::as_complex() const noexcept {
  const auto* complex = static_cast<const Complex*>(payload_.ref);
  return {complex->real, complex->imaginary};
}

Text Value::text() const noexcept {
  if (kind_ != Kind::string && kind_ != Kind::bytes) return {};
  auto* rep = static_cast<Text::Rep*>(payload_.ref);
  if (rep) rep->retain();
  return Text(Ref<Text::Rep>::adopt(rep));
}

bool Value::is_pending() const noexcept {
  auto* rep = kind_ == Kind::string ? static_cast<Text::Rep*>(payload_.ref) : nullptr;
  return rep && rep->is_later && Text::is_unmade(rep);
}

std::string_view Value::str() const {
  if ((kind_ != Kind::string && kind_ != Kind::bytes) || !payload_.ref) return {};
  return Text::view_of(static_cast<Text::Rep*>(payload_.ref));
}

List* Value::list() const noexcept { return kind_ == Kind::list ? static_cast<List*>(payload_.ref) : nullptr; }
Map* Value::map() const noexcept { return kind_ == Kind::map ? static_cast<Map*>(payload_.ref) : nullptr; }
Object* Value::object() const noexcept { return kind_ == Kind::object ? static_cast<Object*>(payload_.ref) : nullptr; }

std::span<const Value> Value::items() const noexcept {
  const List* elements = list();
  return elements ? std::span<const Value>(elements->items) : std::span<const Value>();
}

std::size_t Value::size() const {
  switch (kind_) {
    case Kind::string:
    case Kind::bytes: return str().size();
    case Kind::list: return items().size();
    case Kind::map: return map() ? map()->size() : 0;
    default: return 0;
  }
}

const Value* Value::find(std::string_view key) const noexcept {
  const Map* entries = map();
  return entries ? entries->find(key) : nullptr;
}

Value Value::with_type(MapType type) const noexcept {
  Value value = *this;
  value.detail_ = static_cast<std::uint8_t>(type);
  return value;
}

static auto lower_bound(auto& entries, std::string_view key) noexcept {
  return std::lower_bound(entries.begin(), entries.end(), key,
                          [](const Map::Entry& entry, std::string_view wanted) { return entry.key.view() < wanted; });
}

Map::Map(std::vector<Entry> entries) : entries_(std::move(entries)) {
  const auto by_key = [](const Entry& a, const Entry& b) { return a.key.view() < b.key.view(); };
  if (!std::is_sorted(entries_.begin(), entries_.end(), by_key)) std::stable_sort(entries_.begin(), entries_.end(), by_key);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (kept > 0 && entries_[kept - 1].key == entries_[i].key) {
      entries_[kept - 1] = std::move(entries_[i]);
    } else {
      if (kept != i) entries_[kept] = std::move(entries_[i]);
      ++kept;
    }
  }
  entries_.resize(kept);
}

/// The entry of that key, or the end. Few entries are walked: most differ in length, which costs less than to order them.
static auto find_entry(auto& entries, std::string_view key) noexcept {
  constexpr std::size_t few = 12;
  if (entries.size() <= few) {
    return std::find_if(entries.begin(), entries.end(), [key](const Map::Entry& entry) { return entry.key.view() == key; });
  }
  const auto at = lower_bound(entries, key);
  return at != entries.end() && at->key.view() == key ? at : entries.end();
}

const Value* Map::find(std::string_view key) const noexcept {
  const auto at = find_entry(entries_, key);
  return at != entries_.end() ? &at->value : nullptr;
}

Value* Map::find(std::string_view key) noexcept {
  const auto at = find_entry(entries_, key);
  return at != entries_.end() ? &at->value : nullptr;
}

void Map::set(const Text& key, Value value) { at_or_add(key) = std::move(value); }

Value& Map::at_or_add(const Text& key) {
  const auto at = lower_bound(entries_, key.view());
  if (at != entries_.end() && at->key == key) return at->value;
  return entries_.insert(at, Entry{key, {}})->value;
}

bool Map::erase(std::string_view key) {
  const auto at = lower_bound(entries_, key);
  if (at == entries_.end() || at->key.view() != key) return false;
  entries_.erase(at);
  return true;
}

bool Object::field(std::string_view, Value&) const { return false; }
const Method* Object::method(std::string_view) const { return nullptr; }
bool Object::string_method(std::string&) const { return false; }
bool Object::json_fields(std::vector<Map::Entry>&) const { return false; }
bool Object::yaml_fields(std::vector<Map::Entry>&) const { return false; }
bool Object::entries(std::vector<Map::Entry>&) const { return false; }

bool is_truthy(const Value& value) noexcept {
  switch (value.kind()) {
    case Kind::nil: return false;
    case Kind::boolean: return value.as_bool();
    case Kind::int_:
    case Kind::int64: return value.as_int() != 0;
    case Kind::uint64: return value.as_uint() != 0;
    case Kind::float64: return value.as_float() != 0;
    case Kind::complex128: return value.as_complex() != std::pair<double, double>{0, 0};
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map: return value.size() > 0;
    case Kind::object: {
      if (value.object()->go_kind() != "map") return true;
      std::vector<Map::Entry> entries;
      return value.object()->entries(entries) && !entries.empty();
    }
  }
  return false;
}

std::string_view type_name(const Value& value) noexcept {
  static constexpr std::string_view lists[] = {"[]interface {}", "[]string", "[]int", "[][]interface {}", "chartutil.VersionSet",
                                               "common.VersionSet"};
  static constexpr std::string_view maps[] = {"map[string]interface {}", "chartutil.Values", "map[string]string", "common.Values"};
  switch (value.kind()) {
    case Kind::nil: return "<nil>";
    case Kind::boolean: return "bool";
    case Kind::int_: return "int";
    case Kind::int64: return "int64";
    case Kind::uint64: return "uint64";
    case Kind::float64: return "float64";
    case Kind::complex128: return "complex128";
    case Kind::string: return "string";
    case Kind::bytes: return "[]uint8";
    case Kind::list: return lists[static_cast<int>(value.list_type())];
    case Kind::map: return maps[static_cast<int>(value.map_type())];
    case Kind::object: return value.object()->go_type();
  }
  return "<nil>";
}

std::string_view kind_name(const Value& value) noexcept {
  switch (value.kind()) {
    case Kind::nil: return "invalid";
    case Kind::bytes:
    case Kind::list: return "slice";
    case Kind::map: return "map";
    case Kind::object: return value.object()->go_kind();
    default: return type_name(value);
  }
}

namespace {

/// Compares without recursion, and pairs of lists or maps once: values may nest deep, share parts, or contain themselves.
/// Follows: Go, reflect.DeepEqual, which takes a pair that it has met before for equal.
class Comparison {
 public:
  bool holds(const Value& a, const Value& b) {
    if (!add(a, b)) return false;
    while (!pairs_.empty()) {
      const auto [x, y] = pairs_.back();
      pairs_.pop_back();
      if (!(x->is_list() ? add_items(*x, *y) : add_entries(*x, *y))) return false;
    }
    return true;
  }

 private:
  /// False if a and b differ at first sight; lists and maps are looked into later.
  bool add(const Value& a, const Value& b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case Kind::nil: return true;
      case Kind::boolean: return a.as_bool() == b.as_bool();
      case Kind::int_:
      case Kind::int64: return a.as_int() == b.as_int();
      case Kind::uint64: return a.as_uint() == b.as_uint();
      case Kind::float64: return a.as_float() == b.as_float();
      case Kind::complex128: return a.as_complex() == b.as_complex();
      case Kind::string:
      case Kind::bytes: return a.str() == b.str();
      case Kind::list: return a.list_type() == b.list_type() && add_pair(a, b);
      case Kind::map: return a.map_type() == b.map_type() && add_pair(a, b);
      case Kind::object: return a.object()->go_type() == b.object()->go_type() && a.object()->equals(*b.object());
    }
    return false;
  }

  bool add_pair(const Value& a, const Value& b) {
    if (a.is_typed_nil() != b.is_typed_nil() || a.size() != b.size()) return false;
    if (a.size() == 0 || a.identity() == b.identity()) return true;
    constexpr std::size_t few = 1000;  // so many are cheaper to compare again than to remember
    if (++count_ <= few || met_.emplace(a.identity(), b.identity()).second) pairs_.emplace_back(&a, &b);
    return true;
  }

  bool add_items(const Value& a, const Value& b) {
    return std::ranges::equal(a.items(), b.items(), [this](const Value& x, const Value& y) { return add(x, y); });
  }

  bool add_entries(const Value& a, const Value& b) {
    return std::ranges::equal(*a.map(), *b.map(),
                              [this](const Map::Entry& x, const Map::Entry& y) { return x.key == y.key && add(x.value, y.value); });
  }

  std::vector<std::pair<const Value*, const Value*>> pairs_;
  std::set<std::pair<const void*, const void*>> met_;
  std::size_t count_ = 0;
};

}  // namespace

bool deep_equal(const Value& a, const Value& b) { return Comparison().holds(a, b); }

namespace {

/// Rebuilds a list or map of what `element` makes of its elements.
template <class Element>
Value rebuild(const Value& value, const Element& element) {
  Value copy;
  if (value.is_list()) {
    std::vector<Value> items;
    items.reserve(value.size());
    for (const Value& item : value.items()) items.push_back(element(item));
    copy = Value::new_list(std::move(items), value.list_type());
  } else {
    std::vector<Map::Entry> entries;
    entries.reserve(value.size());
    for (const auto& [key, item] : *value.map()) entries.push_back({key, element(item)});
    copy = Value::of_map(make_ref<Map>(std::move(entries)), value.map_type());
  }
  copy.set_secret_bit(value.secret_bit());
  return copy;
}

bool is_container(const Value& value) { return value.list() || value.map(); }

Value copy_below(const Value& value, Walk& walk, int depth) {
  walk.count();
  Walk::check_depth(depth);
  if (!is_container(value)) return value;
  return rebuild(value, [&](const Value& element) { return copy_below(element, walk, depth + 1); });
}

/// How far a search for marks, or the marking, may still go.
struct Search {
  int depth = 1000;
  std::size_t elements = 200'000;
  bool is_over() const { return depth == 0 || elements == 0; }
};

/// What is too deep to reach is marked as a whole.
Value mark_below(const Value& value, Search& search) {
  if (is_container(value) && !search.is_over()) {
    --search.depth;
    --search.elements;
    Value marked = rebuild(value, [&](const Value& element) { return mark_below(element, search); });
    ++search.depth;
    return marked;
  }
  if (value.is_string()) return Value::of_string(value.text().marked());
  if (value.kind() == Kind::bytes) return Value::of_bytes(value.text().marked());
  Value marked = value;
  marked.set_secret_bit(!value.is_nil());
  return marked;
}

bool finds_marks(const Value& value, Search& search) noexcept {
  if (value.secret_bit() || search.is_over()) return true;
  if (value.is_string() || value.kind() == Kind::bytes) return value.text().has_marks();
  if (!value.is_list() && !value.map()) return false;
  --search.depth;
  --search.elements;
  const bool found =
      value.is_list()
          ? std::ranges::any_of(value.items(), [&](const Value& item) { return finds_marks(item, search); })
          : std::ranges::any_of(value.map()->entries(),
                                [&](const Map::Entry& entry) { return entry.key.has_marks() || finds_marks(entry.value, search); });
  ++search.depth;
  return found;
}

}  // namespace

Value deep_copy(const Value& value) {
  Walk walk;
  return copy_below(value, walk, 0);
}

Value mark_secret(const Value& value) {
  Search search;
  return mark_below(value, search);
}

bool has_marks(const Value& value) noexcept {
  Search search;
  return finds_marks(value, search);
}

}  // namespace sluice
