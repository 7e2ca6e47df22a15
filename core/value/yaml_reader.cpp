// From nodes to Values: types, keys, merges, aliases. Follows: goyaml.v2's decoder into interfaces, then sigs.k8s.io/yaml.

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/digest.hpp"
#include "core/value/text.hpp"
#include "core/value/text_cache.hpp"
#include "core/value/unicode.hpp"
#include "core/value/yaml.hpp"
#include "core/value/yaml_go_syntax.hpp"
#include "core/value/yaml_parser.hpp"
#include "core/value/yaml_resolve.hpp"

namespace sluice {
namespace {

using yaml::Fault;
using yaml::Node;
using yaml::NodeKind;
using yaml::Scalar;
using Type = Scalar::Type;

std::string short_tag(std::string_view tag) {
  return tag.starts_with(yaml::yaml_tag_prefix) ? "!!" + std::string(tag.substr(yaml::yaml_tag_prefix.size())) : std::string(tag);
}

std::string_view tag_of(Type type) {
  switch (type) {
    case Type::null: return "!!null";
    case Type::boolean: return "!!bool";
    case Type::integer:
    case Type::unsigned_integer: return "!!int";
    case Type::floating: return "!!float";
    case Type::timestamp: return "!!timestamp";
    case Type::text: break;
  }
  return "!!str";
}

/// The type that a scalar's tag demands. Throws if its text is of another one.
Scalar resolve_tagged(const Node& node) {
  const std::string tag = short_tag(node.tag);
  const bool known = tag == "!!bool" || tag == "!!int" || tag == "!!float" || tag == "!!null" || tag == "!!timestamp";
  if (!known) return {};  // !!str, !!binary and tags that nobody knows: text
  Scalar scalar = yaml::resolve(node.value, tag == "!!timestamp");
  if (tag_of(scalar.type) == tag) return scalar;
  if (tag == "!!float" && scalar.type == Type::integer) {
    scalar.floating = static_cast<double>(scalar.integer);
    scalar.type = Type::floating;
    return scalar;
  }
  throw Fault{"cannot decode " + std::string(tag_of(scalar.type)) + " `" + std::string(node.value) + "` as a " + tag};
}

class Decoder {
 public:
  /// What is decoded from: the nodes begin after `skipped` bytes of the text. `marked` is that text where its marks are wanted.
  struct Origin {
    std::size_t skipped = 0;
    const Text* marked = nullptr;
  };
  Decoder(const std::vector<Node>& nodes, const YamlOptions& options, TextCache& texts, const Origin& origin)
      : nodes_(nodes), options_(options), texts_(texts), active_(nodes.size()), skipped_(origin.skipped) {
    if (origin.marked != nullptr && origin.marked->has_marks()) source_ = *origin.marked;
  }

  Value run() {
    Value value = decode(0, 1);
    if (!duplicates_.empty()) throw Fault{"unmarshal errors:" + duplicates_};
    if (has_infinite_) find_infinite(value);
    return value;
  }
  /// What kept the document from becoming JSON: a key, or a number without a JSON form.
  const std::string& json_problem() const { return key_problem_.empty() ? number_problem_ : key_problem_; }

 private:
  using Entries = std::vector<Map::Entry>;

  Value decode(std::uint32_t index, int depth);
  Value decode_alias(const Node& node, std::uint32_t index, int depth);
  Value decode_scalar(const Node& node);
  Value decode_number(const Scalar& scalar);
  void find_infinite(const Value& value);
  Value decode_binary(const Node& node);
  Value decode_sequence(std::uint32_t index, int depth);
  void decode_mapping(std::uint32_t index, int depth, Entries& entries);
  void count_node();
  void decode_merge(std::uint32_t index, int depth, Entries& entries);
  void merge_one(std::uint32_t index, int depth, Entries& entries);
  std::optional<Text> decode_key(std::uint32_t index, std::uint32_t value, int depth);
  std::optional<Text> key_of_scalar(const Node& node, std::uint32_t value);
  void decode_merges_first(std::uint32_t index, int depth, Entries& entries);
  void add_entry(std::uint32_t value, Map::Entry entry, Entries& entries, std::size_t own);
  void note_position(const Node& node);
  const Node& through_alias(std::uint32_t index) const {
    const Node& node = nodes_[index];
    return node.kind == NodeKind::alias ? nodes_[node.target] : node;
  }
  Scalar resolve(std::string_view text) const {
    switch (options_.rules) {
      case YamlRules::helm: return yaml::resolve(text);
      case YamlRules::helmfile: return yaml::resolve_helmfile(text);
      case YamlRules::kustomize: return yaml::resolve_kustomize(text);
    }
    return {};
  }
  bool is_kustomize() const { return options_.rules == YamlRules::kustomize; }
  Text text_of(const Node& node);
  Value decode_text(const Node& node);
  bool touches_mark(const Node& node) const;
  std::size_t offset_of(const Node& node) const { return skipped_ + node.offset; }
  /// Where the node after a scalar begins.
  std::size_t end_of(const Node& node) const {
    const auto next = static_cast<std::size_t>(&node - nodes_.data()) + 1;
    return next < nodes_.size() ? std::max(offset_of(nodes_[next]), offset_of(node) + 1) : source_.size();
  }

  const std::vector<Node>& nodes_;
  const YamlOptions& options_;
  TextCache& texts_;
  std::vector<bool> active_;  // aliases that are being followed
  std::size_t count_ = 0, alias_count_ = 0;
  int alias_depth_ = 0;
  std::string duplicates_, key_problem_, number_problem_;
  std::string path_;
  bool has_infinite_ = false;
  std::size_t skipped_;
  Text source_;  // if it has marks
};

bool Decoder::touches_mark(const Node& node) const {
  if (!source_.has_marks()) return false;
  const std::size_t begin = offset_of(node), end = end_of(node);
  const auto marks = source_.marks();
  return std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.begin < end && mark.end > begin; });
}

/// The text of a scalar with the marks of its bytes; all of it is marked where escapes or folding stand in between.
Text Decoder::text_of(const Node& node) {
  if (!touches_mark(node)) return texts_.get(node.value);
  const std::size_t begin = offset_of(node);
  const std::size_t at = source_.view().find(node.value, begin);
  if (at == std::string_view::npos || at > begin + 1 || node.value.find('\n') != std::string_view::npos) {
    return Text::secret(node.value);
  }
  const Text exact = source_.substr(at, at + node.value.size());
  return exact.has_marks() ? exact : Text::secret(node.value);
}

Value Decoder::decode_text(const Node& node) {
  const bool is_plain = node.implicit;
  if (options_.quoted == nullptr || is_plain) return Value::of_string(text_of(node));
  const Text own = touches_mark(node) ? text_of(node) : Text(node.value);  // not one that a plain scalar shares
  const Value value = Value::of_string(own);
  if (!own.empty()) options_.quoted->insert(value.identity());
  return value;
}

/// Go's own bound on aliases, and ours on nodes. The share of nodes that may come from aliases falls as documents grow.
void Decoder::count_node() {
  ++count_;
  if (alias_depth_ > 0) ++alias_count_;
  if (alias_count_ > 100 && count_ > 1000) {
    const double share = static_cast<double>(alias_count_) / static_cast<double>(count_);
    const double allowed = count_ <= 400'000     ? 0.99
                           : count_ >= 4'000'000 ? 0.10
                                                 : 0.99 - 0.89 * (static_cast<double>(count_ - 400'000) / 3'600'000);
    if (share > allowed) throw Fault{"document contains excessive aliasing"};
  }
  if (count_ > options_.max_nodes) {
    const std::string limit = std::to_string(options_.max_nodes);
    throw Fault{"yaml-too-many-nodes: more than " + limit + " nodes through aliases, limit " + limit,
                true};
  }
}

Value Decoder::decode(std::uint32_t index, int depth) {
  count_node();
  if (depth > options_.max_depth) {
    const std::string limit = std::to_string(options_.max_depth);
    throw Fault{"yaml-too-deep: more than " + limit + " levels through aliases, limit " + limit + " (limits.yaml_depth)", true};
  }
  const Node& node = nodes_[index];
  switch (node.kind) {
    case NodeKind::scalar: return decode_scalar(node);
    case NodeKind::alias: return decode_alias(node, index, depth);
    case NodeKind::sequence: return decode_sequence(index, depth);
    case NodeKind::mapping: {
      Entries entries;
      decode_mapping(index, depth, entries);
      return Value::of_map(make_ref<Map>(std::move(entries)));
    }
  }
  return {};
}

Value Decoder::decode_alias(const Node& node, std::uint32_t index, int depth) {
  if (active_[index]) throw Fault{"anchor '" + std::string(node.value) + "' value contains itself"};
  active_[index] = true;
  ++alias_depth_;
  Value value = decode(node.target, depth + 1);
  --alias_depth_;
  active_[index] = false;
  return value;
}

Value Decoder::decode_scalar(const Node& node) {
  if (node.tag.empty() && !node.implicit) return decode_text(node);
  if (short_tag(node.tag) == "!!binary") return decode_binary(node);
  const Scalar scalar = node.tag.empty() ? resolve(node.value) : resolve_tagged(node);
  Value value;
  switch (scalar.type) {
    case Type::null: return is_kustomize() && node.value.empty() ? Value::nil_map() : value;
    case Type::boolean: value = Value::of_bool(scalar.boolean); break;
    case Type::text:
    case Type::timestamp: return decode_text(node);
    default: value = decode_number(scalar);
  }
  value.set_secret_bit(touches_mark(node));
  return value;
}

Value Decoder::decode_number(const Scalar& scalar) {
  const bool typed = options_.numbers == Numbers::typed;
  switch (scalar.type) {
    case Type::integer: return typed ? Value::of_int64(scalar.integer) : Value::of_float(static_cast<double>(scalar.integer));
    case Type::unsigned_integer:
      return typed ? Value::of_uint64(scalar.unsigned_integer) : Value::of_float(static_cast<double>(scalar.unsigned_integer));
    default: break;
  }
  if (!std::isfinite(scalar.floating) && options_.rules != YamlRules::helmfile) has_infinite_ = true;
  return Value::of_float(scalar.floating);
}

/// An infinity or NaN has no JSON form, unless a later key replaced it.
void Decoder::find_infinite(const Value& value) {
  if (!number_problem_.empty()) return;
  if (value.kind() == Kind::float64 && !std::isfinite(value.as_float())) {
    number_problem_ = "json: unsupported value: " + float_text(value.as_float());
  }
  for (const Value& item : value.items()) find_infinite(item);
  if (value.map()) {
    for (const auto& entry : *value.map()) find_infinite(entry.value);
  }
}

Value Decoder::decode_binary(const Node& node) {
  const auto bytes = from_base64(node.value);
  if (!bytes) throw Fault{"!!binary value contains invalid base64 data"};
  const Text text = to_valid_utf8(*bytes);
  return Value::of_string(touches_mark(node) ? text.marked() : text);
}

Value Decoder::decode_sequence(std::uint32_t index, int depth) {
  const Node& node = nodes_[index];
  std::vector<Value> items;
  const std::size_t path_size = path_.size();
  for (std::uint32_t item = index + 1; item < node.end; item = nodes_[item].end) {
    if (options_.positions) {
      path_ += '[' + std::to_string(items.size()) + ']';
      note_position(nodes_[item]);
    }
    items.push_back(decode(item, depth + 1));
    path_.resize(path_size);
  }
  return Value::new_list(std::move(items));
}

void Decoder::note_position(const Node& node) {
  if (alias_depth_ == 0) options_.positions->push_back({path_, node.line + 1, node.column + 1, offset_of(node)});
}

static bool is_merge(const Node& node) {
  if (node.kind != NodeKind::scalar || node.value != "<<") return false;
  return node.implicit || short_tag(node.tag) == "!!merge";
}

void Decoder::decode_mapping(std::uint32_t index, int depth, Entries& entries) {
  const std::uint32_t end = nodes_[index].end;
  const std::size_t path_size = path_.size();
  if (is_kustomize()) decode_merges_first(index, depth, entries);
  const std::size_t own = is_kustomize() ? entries.size() : 0;  // what is before was merged in, and may be repeated
  for (std::uint32_t key = index + 1; key < end;) {
    const std::uint32_t value = nodes_[key].end;
    if (is_merge(nodes_[key])) {
      if (!is_kustomize()) decode_merge(value, depth, entries);
    } else {
      std::optional<Text> text = decode_key(key, value, depth);
      if (options_.positions && text) {
        if (!path_.empty()) path_ += '.';
        path_ += text->view();
        note_position(nodes_[key]);
      }
      Value element = decode(value, depth + 1);
      path_.resize(path_size);
      if (text) add_entry(value, {std::move(*text), std::move(element)}, entries, own);
    }
    key = nodes_[value].end;
  }
}

/// Keys that are written beside `<<` win wherever they stand, and repeat no key by that.
void Decoder::decode_merges_first(std::uint32_t index, int depth, Entries& entries) {
  for (std::uint32_t key = index + 1; key < nodes_[index].end;) {
    const std::uint32_t value = nodes_[key].end;
    if (is_merge(nodes_[key])) decode_merge(value, depth, entries);
    key = nodes_[value].end;
  }
}

/// `own`: the index in `entries` of the first that this mapping itself has.
void Decoder::add_entry(std::uint32_t value, Map::Entry entry, Entries& entries, std::size_t own) {
  if (options_.duplicate_keys == DuplicateKeys::error) {
    const auto same = [&](const Map::Entry& other) { return other.key == entry.key; };
    if (std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(own), entries.end(), same)) {
      duplicates_ += "\n  line " + std::to_string(nodes_[value].line + 1) + ": key " + quoted(entry.key) + " already set in map";
      return;
    }
  }
  entries.push_back(std::move(entry));  // of equal keys Map keeps the last
}

/// The text of a key; nothing if there is none, which the caller learns from key_problem_ in the end.
std::optional<Text> Decoder::decode_key(std::uint32_t index, std::uint32_t value, int depth) {
  const Node& node = nodes_[index];
  if (node.kind == NodeKind::scalar) {
    count_node();
    return key_of_scalar(node, value);
  }
  decode(index, depth + 1);  // counts, and finds errors inside it first
  const Node& actual = through_alias(index);
  if (actual.kind == NodeKind::scalar) return key_of_scalar(actual, value);
  throw Fault{"invalid map key: " + yaml::go_syntax(nodes_, static_cast<std::uint32_t>(&actual - nodes_.data()))};
}

std::optional<Text> Decoder::key_of_scalar(const Node& node, std::uint32_t value) {
  if (is_kustomize()) return text_of(node);
  if (node.tag.empty() && !node.implicit) return text_of(node);
  if (short_tag(node.tag) == "!!binary") return decode_binary(node).text();
  const Scalar scalar = node.tag.empty() ? resolve(node.value) : resolve_tagged(node);
  std::string text;
  switch (scalar.type) {
    case Type::text:
    case Type::timestamp: return text_of(node);
    case Type::boolean: return texts_.get(scalar.boolean ? "true" : "false");
    case Type::integer: append_int(text, scalar.integer); return texts_.get(text);
    case Type::floating:
      text = float32_text(scalar.floating);
      if (std::isinf(scalar.floating)) text = scalar.floating > 0 ? ".inf" : "-.inf";
      if (std::isnan(scalar.floating)) text = ".nan";
      return texts_.get(text);
    case Type::null:
    case Type::unsigned_integer: break;
  }
  if (key_problem_.empty()) {
    const bool null = scalar.type == Type::null;
    key_problem_ = "unsupported map key of type: ";
    key_problem_ += null ? "%!s(<nil>), key: <nil>" : "uint64, key: 0x";
    if (!null) append_uint(key_problem_, scalar.unsigned_integer, 16);
    key_problem_ += ", value: " + yaml::go_syntax(nodes_, value);
  }
  return std::nullopt;
}

/// `<<`: a mapping, an alias of one, or a list of them, of which the earlier win.
void Decoder::decode_merge(std::uint32_t index, int depth, Entries& entries) {
  const Node& node = nodes_[index];
  if (node.kind != NodeKind::sequence) return merge_one(index, depth, entries);
  std::vector<std::uint32_t> items;
  for (std::uint32_t item = index + 1; item < node.end; item = nodes_[item].end) items.push_back(item);
  for (auto item = items.rbegin(); item != items.rend(); ++item) merge_one(*item, depth, entries);
}

void Decoder::merge_one(std::uint32_t index, int depth, Entries& entries) {
  const Node& node = nodes_[index];
  if (through_alias(index).kind != NodeKind::mapping) throw Fault{"map merge requires map or sequence of maps as the value"};
  count_node();
  if (depth > options_.max_depth) throw Fault{"yaml-too-deep: merge keys nest too deep (limits.yaml_depth)", true};
  const bool alias = node.kind == NodeKind::alias;
  if (alias) {
    if (active_[index]) throw Fault{"anchor '" + std::string(node.value) + "' value contains itself"};
    active_[index] = true;
    ++alias_depth_;
    count_node();
  }
  decode_mapping(alias ? node.target : index, depth + 1, entries);
  if (alias) {
    --alias_depth_;
    active_[index] = false;
  }
}

// ---- the front door

std::string converting(const YamlOptions& options) {
  return options.rules == YamlRules::helm ? "error converting YAML to JSON: " : "";
}

Error too_large(std::size_t size, std::size_t limit) {
  return {Errc::invalid,
          "yaml-too-large: " + std::to_string(size) + " bytes, limit " + std::to_string(limit) + " (limits.yaml_bytes)"};
}

/// Reads documents until the end or until `one` was read. `source` is `text` where its marks are wanted.
Result<std::vector<Value>> read_documents(std::string_view text, const YamlOptions& options, bool one, const Text* source = nullptr) {
  if (text.size() > options.max_bytes) return too_large(text.size(), options.max_bytes);
  std::vector<Value> documents;
  try {
    yaml::Parser parser(text, {options.max_depth, options.max_nodes});
    TextCache texts;
    const Decoder::Origin origin{text.starts_with("\xEF\xBB\xBF") ? std::size_t{3} : 0, source};
    while (parser.next_document()) {
      Decoder decoder(parser.nodes(), options, texts, origin);
      documents.push_back(decoder.run());
      if (!decoder.json_problem().empty()) return Error{Errc::invalid, converting(options) + decoder.json_problem()};
      if (one) break;
    }
  } catch (const Fault& fault) {
    return Error{Errc::invalid, fault.is_limit ? fault.text : converting(options) + "yaml: " + fault.text};
  }
  return documents;
}

std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return "bool";
    case Kind::string: return "string";
    case Kind::list: return "array";
    case Kind::map: return "object";
    default: return "number";
  }
}

Error wrong_shape(const Value& value, std::string_view wanted) {
  return {Errc::invalid, "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " + std::string(json_kind(value)) +
                             " into Go value of type " + std::string(wanted)};
}

}  // namespace

Result<Value> read_yaml(std::string_view text, const YamlOptions& options) {
  auto documents = read_documents(text, options, true);
  if (!documents) return std::move(documents).error();
  return documents->empty() ? Value() : std::move(documents->front());
}

Result<Value> read_marked_yaml(const Text& text, const YamlOptions& options) {
  auto documents = read_documents(text, options, true, &text);
  if (!documents) return std::move(documents).error();
  return documents->empty() ? Value() : std::move(documents->front());
}

Result<Value> read_yaml_map(std::string_view text, const YamlOptions& options) {
  auto value = read_yaml(text, options);
  if (!value || value->is_map()) return value;
  if (value->is_nil()) return Value::new_map();
  return wrong_shape(*value, "map[string]interface {}");
}

Result<Value> read_yaml_list(std::string_view text, const YamlOptions& options) {
  auto value = read_yaml(text, options);
  if (!value || value->is_list()) return value;
  if (value->is_nil()) return Value::new_list();
  return wrong_shape(*value, "[]interface {}");
}

Result<std::vector<Value>> read_yaml_documents(std::string_view text, const YamlOptions& options) {
  return read_documents(text, options, false);
}

}  // namespace sluice
