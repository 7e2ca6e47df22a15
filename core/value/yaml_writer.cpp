// toYaml and toYamlPretty: the layout of maps and lists. Follows: goyaml.v2 behind encoding/json, and goyaml.v3 with indent 2.

#include <algorithm>
#include <cmath>

#include "core/base/digest.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"
#include "core/value/walk.hpp"
#include "core/value/yaml.hpp"
#include "core/value/yaml_key_order.hpp"
#include "core/value/yaml_scalar_writer.hpp"

namespace sluice {
namespace {

using yaml::Analysis;
using yaml::Page;
using yaml::Style;
using yaml::Unwritable;
using Dialect = yaml::Writer;

constexpr std::size_t best_width = 80;
constexpr std::size_t unlimited = std::string_view::npos;
constexpr std::size_t longest_simple_key = 128;     // bytes
constexpr std::size_t longest_readable_key = 1024;  // characters of its JSON form

class YamlWriter {
 public:
  YamlWriter(TextBuilder& out, Dialect dialect) : page_(out), bytes_(out.bytes()), dialect_(dialect) {}

  void run(const Value& value) {
    write_node(value, 0, Place::root, 0);
    page_.trim_newline();
  }

 private:
  /// What stands before a node on its line.
  enum class Place : std::uint8_t { root, after_key, after_dash, after_colon };

  bool pretty() const { return dialect_ == Dialect::v3; }

  void write_node(const Value& value, int indent, Place place, int depth) {
    const std::size_t begin = bytes_.size();
    write_unmarked(value, indent, place, depth);
    if (value.secret_bit()) page_.out().mark_from(begin);
  }

  void write_unmarked(const Value& value, int indent, Place place, int depth) {
    walk_.count(bytes_.size());
    if (pretty()) Walk::check_depth(depth);
    if (depth > Walk::max_depth) throw Unwritable{"json: unsupported value: encountered a cycle via " + std::string(type_name(value))};
    switch (value.kind()) {
      case Kind::list: return write_list(value, indent, place, depth);
      case Kind::map:
        if (value.is_typed_nil()) return write_word(place, pretty() ? "{}" : "null");
        return write_entries(value.map()->entries(), true, indent, place, depth);
      case Kind::object: return write_object(*value.object(), indent, place, depth);
      case Kind::bytes:
        if (pretty()) return write_byte_list(value, indent, place, depth);
        [[fallthrough]];
      default: separate(place); write_leaf(value, place == Place::root ? 2 : indent + 2);
    }
  }

  void separate(Place place) {
    if (place != Place::root) bytes_ += ' ';
  }

  void write_word(Place place, std::string_view word) {
    separate(place);
    bytes_ += word;
  }

  // ---- maps and lists

  void write_list(const Value& value, int indent, Place place, int depth) {
    if (value.is_typed_nil() && !pretty()) return write_word(place, "null");
    if (value.items().empty()) return write_word(place, "[]");
    const int own = place == Place::root ? 0 : place == Place::after_key && !pretty() ? indent : indent + 2;
    bool on_line = place == Place::after_dash || place == Place::after_colon;
    if (on_line) bytes_ += ' ';
    for (const Value& item : value.items()) {
      if (!std::exchange(on_line, false)) page_.indent(own);
      bytes_ += '-';
      write_node(item, own, Place::after_dash, depth + 1);
    }
  }

  void write_byte_list(const Value& value, int indent, Place place, int depth) {
    std::vector<Value> numbers;
    for (const char byte : value.str()) numbers.push_back(Value::of_int(static_cast<unsigned char>(byte)));
    write_node(Value::new_list(std::move(numbers)), indent, place, depth);
  }

  void write_entries(std::span<const Map::Entry> entries, bool sorted, int indent, Place place, int depth) {
    if (entries.empty()) return write_word(place, "{}");
    const int own = place == Place::root ? 0 : indent + 2;
    bool on_line = place == Place::after_dash || place == Place::after_colon;
    if (on_line) bytes_ += ' ';
    const auto write_one = [&](const Map::Entry& entry) {
      if (!std::exchange(on_line, false)) page_.indent(own);
      const bool simple = write_key(entry.key, own);
      write_node(entry.value, own, simple ? Place::after_key : Place::after_colon, depth + 1);
    };
    const auto less = [&](const Map::Entry& a, const Map::Entry& b) { return yaml::key_less(a.key, b.key, dialect_); };
    if (!sorted || std::is_sorted(entries.begin(), entries.end(), less)) {
      for (const Map::Entry& entry : entries) write_one(entry);
      return;
    }
    std::vector<const Map::Entry*> order;
    order.reserve(entries.size());
    for (const Map::Entry& entry : entries) order.push_back(&entry);
    yaml::sort_entries(order, dialect_);
    for (const Map::Entry* entry : order) write_one(*entry);
  }

  void write_object(const Object& object, int indent, Place place, int depth) {
    std::vector<Map::Entry> fields;
    if (pretty() ? object.yaml_fields(fields) : object.json_fields(fields)) {
      return write_entries(fields, !pretty(), indent, place, depth);
    }
    if (!pretty()) return write_node(object.to_plain(), indent, place, depth + 1);
    const Value plain = object.to_plain_yaml();
    if (object.go_type() == "time.Time" && plain.is_string()) return write_word(place, plain.str());
    write_node(plain, indent, place, depth + 1);
  }

  // ---- keys

  /// Writes the key and its colon. True if both stand on one line, before the value; else the value follows `: `.
  bool write_key(const Text& key, int indent) {
    if (pretty() && !is_utf8(key)) return write_binary_key(key, indent);
    std::string cleaned;
    const Analysis analysis = analyse(key, cleaned, true);
    const std::string_view text = cleaned.empty() ? key.view() : std::string_view(cleaned);
    const Text* marks_of = cleaned.empty() ? &key : nullptr;
    const std::size_t begin = bytes_.size();
    const bool simple = !analysis.multiline && text.size() <= longest_simple_key;
    if (simple) {
      const Style style = yaml::choose_style(text, analysis);
      yaml::write_scalar(page_, text, style, analysis, {indent + 2, unlimited}, marks_of);
    } else {
      bytes_ += "? ";
      yaml::write_scalar(page_, text, yaml::choose_style(text, analysis), analysis, {indent + 2, width()}, marks_of);
    }
    if (!marks_of && key.has_marks()) page_.out().mark_from(begin);
    if (!simple) page_.indent(indent);
    bytes_ += ':';
    return simple;
  }

  std::size_t width() const { return pretty() ? unlimited : best_width; }

  /// toYaml's values pass through JSON and a reader of YAML, which changes or refuses some texts.
  Analysis analyse(std::string_view text, std::string& cleaned, bool is_key) {
    Analysis analysis = yaml::analyse(text, dialect_);
    if (pretty()) return analysis;
    if (analysis.unreadable) throw Unwritable{"yaml: control characters are not allowed"};
    if (is_key && text.size() * 6 > longest_readable_key - 2) check_key_length(text);
    if (analysis.needs_cleaning) {
      if (is_key && text.find("\xC2\x85") != std::string_view::npos) refuse_key();
      cleaned = yaml::clean(text);
      analysis = yaml::analyse(cleaned, dialect_);
    }
    return analysis;
  }

  [[noreturn]] static void refuse_key() { throw Unwritable{"yaml: did not find expected ',' or '}'"}; }

  static void check_key_length(std::string_view key) {
    const auto json = to_json(Value::of_string(Text(key)));
    if (json && count_runes(*json) > longest_readable_key) refuse_key();
  }

  // ---- leaves

  void write_leaf(const Value& value, int indent) {
    switch (value.kind()) {
      case Kind::nil: bytes_ += "null"; break;
      case Kind::boolean: bytes_ += value.as_bool() ? "true" : "false"; break;
      case Kind::int_:
      case Kind::int64: append_int(bytes_, value.as_int()); break;
      case Kind::uint64: append_uint(bytes_, value.as_uint()); break;
      case Kind::float64: write_float(value.as_float()); break;
      case Kind::complex128: throw Unwritable{"json: unsupported type: complex128"};
      case Kind::string: write_text(value.text(), indent); break;
      case Kind::bytes: write_base64(value, indent); break;
      default: break;
    }
  }

  void write_float(double x) {
    if (!std::isfinite(x)) {
      if (!pretty()) throw Unwritable{"error marshaling into JSON: json: unsupported value: " + float_text(x)};
      bytes_ += std::isnan(x) ? ".nan" : x > 0 ? ".inf" : "-.inf";
      return;
    }
    if (pretty()) return append_float(bytes_, x);
    if (x == 0) {
      bytes_ += '0';
      return;
    }
    // JSON's digits, if they are an integer that fits; anything else is read as a float again.
    std::string json;
    append_json_float(json, x);
    const bool whole = json.find_first_of(".e") == std::string::npos;
    if (whole && (parse_int(json, 10) || parse_uint(json, 10))) {
      bytes_ += json;
    } else {
      append_float(bytes_, x);
    }
  }

  void write_text(const Text& text, int indent) {
    if (pretty() && !is_utf8(text)) return write_binary(text, indent);
    std::string cleaned;
    const std::size_t begin = bytes_.size();
    const Analysis analysis = analyse(text, cleaned, false);
    const std::string_view view = cleaned.empty() ? text.view() : std::string_view(cleaned);
    yaml::write_scalar(page_, view, yaml::choose_style(view, analysis), analysis, {indent, width()},
                       cleaned.empty() ? &text : nullptr);
    if (!cleaned.empty() && text.has_marks()) page_.out().mark_from(begin);
  }

  void write_base64(const Value& value, int indent) {
    const std::size_t begin = bytes_.size();
    write_text(Text(to_base64(value.str())), indent);
    if (value.text().has_marks()) page_.out().mark_from(begin);
  }

  /// goyaml.v3's way with bytes that are not UTF-8: base64 in lines of 70.
  void write_binary(const Text& bytes, int indent) {
    constexpr std::size_t line = 70;
    const std::size_t begin = bytes_.size();
    std::string base64 = to_base64(bytes);
    if (base64.size() >= line) {
      std::string lines;
      for (std::size_t at = 0; at < base64.size(); at += line) lines += base64.substr(at, line) + '\n';
      base64 = std::move(lines);
    }
    bytes_ += "!!binary ";
    const Analysis analysis = yaml::analyse(base64, dialect_);
    yaml::write_scalar(page_, base64, analysis.has_newline ? Style::literal : Style::plain, analysis, {indent, unlimited},
                       nullptr);
    if (bytes.has_marks()) page_.out().mark_from(begin);
  }

  bool write_binary_key(const Text& key, int indent) {
    const bool simple = key.size() <= 51;  // 68 characters of base64: one line
    if (!simple) bytes_ += "? ";
    write_binary(key, indent + 2);
    if (!simple) page_.indent(indent);
    bytes_ += ':';
    return simple;
  }

  Page page_;
  std::string& bytes_;
  Dialect dialect_;
  Walk walk_;
};

Result<> write(TextBuilder& out, const Value& value, Dialect dialect) {
  const std::size_t begin = out.size();
  try {
    YamlWriter(out, dialect).run(value);
  } catch (const Unwritable& problem) {
    out.truncate(begin);
    return Error{Errc::invalid, problem.text};
  }
  return {};
}

Result<Text> to_text(const Value& value, Dialect dialect) {
  TextBuilder out;
  if (auto done = write(out, value, dialect); !done) return std::move(done).error();
  return out.finish();
}

}  // namespace

Result<> write_yaml(TextBuilder& out, const Value& value) { return write(out, value, Dialect::v2); }
Result<Text> to_yaml(const Value& value) { return to_text(value, Dialect::v2); }
Result<> write_yaml_pretty(TextBuilder& out, const Value& value) { return write(out, value, Dialect::v3); }
Result<Text> to_yaml_pretty(const Value& value) { return to_text(value, Dialect::v3); }

}  // namespace sluice
