#pragma once

// core/value/value.hpp
//
// The tree of data that charts, templates and manifests are made of, with the types that Go would give it.
//   in:   bytes of YAML or JSON (yaml.hpp, json.hpp), or values made by hand
//   out:  Value; the texts that Go's fmt, encoding/json and YAML libraries print for it
//   not:  Kubernetes or Helm rules
// Follows the value model of Go's text/template as Helm 3 drives it: static types matter (int is not int64 is not float64),
// nil lists and maps have a type, lists and maps are shared references.
// Values from secrets stay marked: texts by byte range (marked_text.hpp), everything else by a bit.
// Read next: marked_text.hpp, then yaml.hpp.

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/marked_text.hpp"
#include "core/value/ref.hpp"

namespace sluice {

class Value;
class List;
class Map;
class Object;

/// What a Value holds. `int_` is Go's int, `bytes` Go's []byte, `nil` the untyped nil ("invalid" to reflection).
enum class Kind : std::uint8_t { nil, boolean, int_, int64, uint64, float64, complex128, string, bytes, list, map, object };

/// The type of a list: []interface {}, []string, []int, [][]interface {}, chartutil.VersionSet, common.VersionSet (Helm 4's).
enum class ListType : std::uint8_t { any, strings, ints, lists, versions, common_versions };
/// Is it the named type of texts, with a method, that .Capabilities.APIVersions has?
constexpr bool is_versions(ListType type) noexcept { return type == ListType::versions || type == ListType::common_versions; }
/// The type of a map: map[string]interface {}, chartutil.Values, map[string]string, common.Values (Helm 4's chartutil.Values).
enum class MapType : std::uint8_t { any, values, strings, common_values };
/// Is it the named type, with methods, that Helm gives to values?
constexpr bool is_values(MapType type) noexcept { return type == MapType::values || type == MapType::common_values; }

/// A value of a template. 16 bytes; copying shares lists, maps, texts and objects, as Go does.
/// Across threads: distinct Values may share parts, but a map or list that another thread reads must not be changed.
class Value {
 public:
  Value() noexcept = default;  ///< nil
  static Value of_bool(bool b) noexcept;
  static Value of_int(std::int64_t n) noexcept;    ///< Go's int
  static Value of_int64(std::int64_t n) noexcept;  ///< Go's int64
  static Value of_uint64(std::uint64_t n) noexcept;
  static Value of_float(double d) noexcept;
  static Value of_complex(double real, double imaginary);
  static Value of_string(Text text) noexcept;
  static Value of_bytes(Text bytes) noexcept;
  static Value of_list(Ref<List> list, ListType type = ListType::any) noexcept;
  static Value of_map(Ref<Map> map, MapType type = MapType::any) noexcept;
  static Value of_object(Ref<Object> object) noexcept;
  static Value nil_list(ListType type = ListType::any) noexcept { return of_list(nullptr, type); }
  static Value nil_map(MapType type = MapType::any) noexcept { return of_map(nullptr, type); }
  static Value new_list(std::vector<Value> items = {}, ListType type = ListType::any);
  static Value new_map(std::initializer_list<std::pair<std::string_view, Value>> entries = {}, MapType type = MapType::any);

  Value(const Value& other) noexcept;
  Value(Value&& other) noexcept
      : payload_(other.payload_), kind_(std::exchange(other.kind_, Kind::nil)), detail_(other.detail_), secret_(other.secret_) {}
  Value& operator=(Value other) noexcept {
    swap(other);
    return *this;
  }
  ~Value() {
    if (kind_ >= Kind::complex128) release();
  }
  void swap(Value& other) noexcept {
    std::swap(payload_, other.payload_);
    std::swap(kind_, other.kind_);
    std::swap(detail_, other.detail_);
    std::swap(secret_, other.secret_);
  }

  Kind kind() const noexcept { return kind_; }
  bool is_nil() const noexcept { return kind_ == Kind::nil; }  ///< the untyped nil
  bool is_bool() const noexcept { return kind_ == Kind::boolean; }
  bool is_integer() const noexcept { return kind_ == Kind::int_ || kind_ == Kind::int64; }  ///< signed
  bool is_string() const noexcept { return kind_ == Kind::string; }
  bool is_list() const noexcept { return kind_ == Kind::list; }
  bool is_map() const noexcept { return kind_ == Kind::map; }
  bool is_object() const noexcept { return kind_ == Kind::object; }
  /// A list or map that is nil but has a type.
  bool is_typed_nil() const noexcept { return (kind_ == Kind::list || kind_ == Kind::map) && payload_.ref == nullptr; }

  bool as_bool() const noexcept { return payload_.b; }
  std::int64_t as_int() const noexcept { return payload_.i; }  ///< of int_ and int64
  std::uint64_t as_uint() const noexcept { return payload_.u; }
  double as_float() const noexcept { return payload_.d; }
  std::pair<double, double> as_complex() const noexcept;

  Text text() const noexcept;  ///< of string and bytes
  bool is_pending() const noexcept;  ///< a text that nobody has read yet
  /// The bytes of a string or bytes value; they live as long as a Value that shares them.
  std::string_view str() const;

  ListType list_type() const noexcept { return static_cast<ListType>(detail_); }
  MapType map_type() const noexcept { return static_cast<MapType>(detail_); }
  List* list() const noexcept;  ///< null for a nil list
  Map* map() const noexcept;    ///< null for a nil map
  Object* object() const noexcept;
  std::span<const Value> items() const noexcept;  ///< of a list; empty for a nil one
  std::size_t size() const;                       ///< elements of a list or map, bytes of a text; 0 for all else
  /// The element `key` of a map; null if this is no map or has no such key.
  const Value* find(std::string_view key) const noexcept;
  /// The same list or map under another static type.
  Value with_type(MapType type) const noexcept;

  /// Marked as secret as a whole. Texts carry their own marks; this bit is for everything else.
  bool secret_bit() const noexcept { return secret_; }
  void set_secret_bit(bool secret) noexcept { secret_ = secret; }

  /// Which list, map, object or text this is: equal for values that share it.
  const void* identity() const noexcept { return kind_ >= Kind::complex128 ? payload_.ref : nullptr; }

 private:
  union Payload {
    bool b;
    std::int64_t i;
    std::uint64_t u;
    double d;
    void* ref;
  };
  void retain() const noexcept;
  void release() noexcept;

  Payload payload_{.u = 0};
  Kind kind_ = Kind::nil;
  std::uint8_t detail_ = 0;
  bool secret_ = false;
};

/// The elements of a list. Shared by reference, as Go's slices mostly behave in templates.
class List : public RefCounted {
 public:
  List() = default;
  explicit List(std::vector<Value> elements) : items(std::move(elements)) {}
  std::vector<Value> items;
  static void destroy(List* list) noexcept;
};

/// A map from text to Value, kept sorted by the bytes of its keys (the order in which Go's templates and JSON walk it).
class Map : public RefCounted {
 public:
  struct Entry {
    Text key;
    Value value;
  };
  Map() = default;
  /// From entries in any order; of equal keys the last wins.
  explicit Map(std::vector<Entry> entries);

  const Value* find(std::string_view key) const noexcept;
  Value* find(std::string_view key) noexcept;
  bool contains(std::string_view key) const noexcept { return find(key) != nullptr; }
  /// Adds or replaces.
  void set(const Text& key, Value value);
  /// The element of that key, made as nil if it is not there.
  Value& at_or_add(const Text& key);
  bool erase(std::string_view key);

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  std::span<const Entry> entries() const noexcept { return entries_; }
  std::vector<Entry>::const_iterator begin() const noexcept { return entries_.begin(); }
  std::vector<Entry>::const_iterator end() const noexcept { return entries_.end(); }
  /// Elements may be changed through this, keys may not.
  std::span<Entry> mutable_entries() noexcept { return entries_; }
  static void destroy(Map* map) noexcept;

 private:
  std::vector<Entry> entries_;
};

/// The Go types that a parameter of a function or method can have.
enum class GoType : std::uint8_t {
  any,
  boolean,
  int_,
  int64,
  uint32,
  uint64,
  float64,
  string,
  bytes,
  list_any,
  list_string,
  list_int,
  list_list,
  map_any,
  map_string,
  values,
  object
};

/// A method of an Object or of a named map type, as a template may call it.
struct Method {
  std::string_view name;
  std::vector<GoType> parameters;
  bool variadic = false;  ///< the last parameter may be repeated or missing
  /// The receiver and its checked arguments. An Error's text is what Go's method would have returned.
  Result<Value> (*call)(const Value& receiver, std::span<const Value> arguments) = nullptr;
};

/// A struct or pointer with fields and methods: time, semantic version, .Chart, .Capabilities, .Files, certificate.
class Object : public RefCounted {
 public:
  virtual ~Object() = default;
  virtual std::string_view go_type() const = 0;                  ///< as %T prints it: "time.Time", "*semver.Version"
  virtual std::string_view go_kind() const { return "struct"; }  ///< "struct", "ptr", "map" (engine.files)
  /// The field of that exact name, or null if there is none. Fields that are maps' keys count for map-like objects.
  virtual bool field(std::string_view name, Value& out) const;
  virtual const Method* method(std::string_view name) const;
  /// As %v prints it where the String method is reached; nothing where it has none.
  virtual bool string_method(std::string& out) const;
  /// As %v prints it without a String method: "{v1.32.0 1 32}".
  virtual std::string default_text() const = 0;
  /// What encoding/json would write, as plain data; also what toYaml goes through.
  virtual Value to_plain() const = 0;
  /// What toYamlPretty writes, as plain data; to_plain() unless it differs.
  virtual Value to_plain_yaml() const { return to_plain(); }
  /// The fields of a struct in the order in which encoding/json writes them; false: write to_plain().
  virtual bool json_fields(std::vector<Map::Entry>& out) const;
  /// The same for toYamlPretty (lower-cased Go names); false: write to_plain_yaml().
  virtual bool yaml_fields(std::vector<Map::Entry>& out) const;
  virtual bool equals(const Object& other) const { return this == &other; }
  /// What a range over it walks: nothing unless it is map-like (.Files). Keys sorted.
  virtual bool entries(std::vector<Map::Entry>& out) const;
  static void destroy(Object* object) noexcept { delete object; }
};

/// Go's idea of truth: not nil, false, zero or empty.
bool is_truthy(const Value& value) noexcept;
/// As %T prints it: "map[string]interface {}", "float64", "<nil>".
std::string_view type_name(const Value& value) noexcept;
/// As reflection names it: "slice", "map", "struct", "invalid".
std::string_view kind_name(const Value& value) noexcept;
/// Go's reflect.DeepEqual: types and typed nils matter.
bool deep_equal(const Value& a, const Value& b);
/// New lists and maps all the way down; texts and objects are shared. Throws TooLarge (walk.hpp).
Value deep_copy(const Value& value);
/// The same data, all in it marked as secret; lists and maps are copied, down to what is too deep (a map in itself), which is not.
Value mark_secret(const Value& value);
/// Is anything in it marked? Yes also for what is too deep to look through, as a map that contains itself.
bool has_marks(const Value& value) noexcept;

}  // namespace sluice
