#include <algorithm>
#include <cmath>

#include "core/base/digest.hpp"
#include "core/value/text.hpp"
#include "core/value/toml.hpp"
#include "core/value/toml_key.hpp"
#include "core/value/walk.hpp"

namespace sluice {
namespace toml {

void append_basic_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\b': out += "\\b"; continue;
      case '\t': out += "\\t"; continue;
      case '\n': out += "\\n"; continue;
      case '\f': out += "\\f"; continue;
      case '\r': out += "\\r"; continue;
      default: break;
    }
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 0xF];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_key(std::string& out, std::string_view part) {
  const bool bare = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (bare) {
    out += part;
  } else {
    append_basic_string(out, part);
  }
}

std::string key_text(std::span<const std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += '.';
    append_key(out, part);
  }
  return out;
}

}  // namespace toml

namespace {

struct Unwritable {
  std::string text;
};

constexpr std::size_t max_depth = 500;

/// Follows: BurntSushi/toml's Encoder, in what it calls a table, and where it writes newlines.
class Writer {
 public:
  Writer(TextBuilder& out, TomlRules rules) : out_(out), bytes_(out.bytes()), rules_(rules) {}

  void run(const Value& value) {
    if (value.is_nil()) throw Unwritable{"reflect: call of reflect.Value.Type on zero Value"};
    encode(resolve(value));
  }

 private:
  struct Row {
    const Map::Entry* entry;
    std::size_t place;
  };
  using Rows = std::vector<Row>;
  struct Parts {
    std::vector<TomlStruct::Field> of_struct;  ///< what the rows point into, if it is one
    Rows direct, tables;
  };

  static const TomlStruct* as_struct(const Value& value) {
    return value.is_object() ? dynamic_cast<const TomlStruct*>(value.object()) : nullptr;
  }

  /// Objects as the plain data that they stand for; structs with fields, times and texts stay what they are.
  static Value resolve(const Value& value) {
    if (!value.is_object() || value.object()->go_type() == "time.Time" || as_struct(value) != nullptr) return value;
    return value.object()->to_plain();
  }

  static bool is_nil(const Value& value) { return value.is_nil() || value.is_typed_nil(); }

  bool is_table_array(const Value& value, int depth = 0) {
    if (!value.is_list() || value.items().empty()) return false;
    Walk::check_depth(depth);
    bool all = true;
    for (const Value& item : value.items()) {
      walk_.count();
      if (is_nil(item)) throw Unwritable{"toml: cannot encode array with nil element"};
      all = is_table(item, depth) && all;
    }
    return all;
  }
  bool is_table(const Value& value, int depth = 0) {
    if (value.is_list()) is_table_array(value, depth + 1);  // finds nil elements
    return as_struct(value) != nullptr || resolve(value).is_map();
  }
  /// Does it need a [header] of its own?
  bool needs_header(const Value& value) { return is_table(value) || is_table_array(value); }

  void encode(const Value& value) {
    walk_.count(bytes_.size());
    if (key_.size() > max_depth) throw Unwritable{"toml: tables nest too deep"};
    switch (value.kind()) {
      case Kind::nil: return;
      case Kind::list:
        if (is_table_array(value)) return write_table_array(value);
        return write_key_value(value);
      case Kind::map:
        if (!value.is_typed_nil()) write_table(value);
        return;
      case Kind::object:
        if (as_struct(value) != nullptr) return write_table(value);
        return write_key_value(value);
      default: return write_key_value(value);
    }
  }

  void indent() { bytes_.append(key_.empty() ? 0 : (key_.size() - 1) * 2, ' '); }
  void newline() {
    if (!bytes_.empty()) bytes_ += '\n';
  }

  void write_key_value(const Value& value) {
    if (key_.empty()) return write_element(value, 0);
    indent();
    toml::append_key(bytes_, key_.back());
    bytes_ += " = ";
    write_element(value, 0);
    newline();
  }

  void write_table(const Value& value) {
    if (key_.size() == 1) newline();
    if (!key_.empty()) {
      indent();
      bytes_ += '[' + toml::key_text(key_) + ']';
      newline();
    }
    write_entries(value);
  }

  void write_table_array(const Value& value) {
    if (key_.empty()) throw Unwritable{"toml: top-level values must be Go maps or structs"};
    for (const Value& item : value.items()) {
      newline();
      indent();
      bytes_ += "[[" + toml::key_text(key_) + "]]";
      newline();
      write_entries(resolve(item));
    }
  }

  /// Entries without a header first.
  Parts split(const Value& table) {
    Parts parts;
    const auto add = [&](const Map::Entry& entry, std::size_t place) {
      (needs_header(entry.value) ? parts.tables : parts.direct).push_back({&entry, place});
    };
    if (const TomlStruct* fields = as_struct(table)) {
      fields->toml_fields(parts.of_struct);
      for (const TomlStruct::Field& field : parts.of_struct) add(field.entry, field.place);
    } else {
      for (const Map::Entry& entry : *table.map()) add(entry, 0);
    }
    return parts;
  }

  void write_entries(const Value& table) {
    const Parts parts = split(table);
    for (const Rows* part : {&parts.direct, &parts.tables}) {
      for (const auto& [entry, place] : *part) {
        if (is_nil(entry->value)) continue;
        key_.push_back(entry->key.str());
        const std::size_t begin = out_.size();
        encode(resolve(entry->value));
        if (entry->value.secret_bit() || entry->key.has_marks()) out_.mark_from(begin);
        key_.pop_back();
      }
    }
  }

  void write_inline_table(const Value& table, std::size_t depth) {
    const Parts parts = split(table);
    bytes_ += '{';
    if (as_struct(table) != nullptr) {
      write_inline_fields(parts, depth);
    } else {
      write_inline_entries(parts.direct, !parts.tables.empty(), depth);
      write_inline_entries(parts.tables, false, depth);
    }
    bytes_ += '}';
  }

  void write_inline_entries(const Rows& rows, bool more_follow, std::size_t depth) {
    for (const Row& row : rows) {
      if (is_nil(row.entry->value)) continue;
      write_inline_entry(*row.entry, depth);
      if (more_follow || row.entry != rows.back().entry) bytes_ += ", ";
    }
  }

  /// Where the library leaves out a comma: it compares a field's number with how many there are, in 1.4 (Helm 3) of its part.
  void write_inline_fields(const Parts& parts, std::size_t depth) {
    for (const Rows* rows : {&parts.direct, &parts.tables}) {
      const std::size_t count = rules_ == TomlRules::helm3 ? rows->size() : parts.of_struct.size();
      for (const auto& [entry, place] : *rows) {
        if (is_nil(entry->value)) continue;
        write_inline_entry(*entry, depth);
        if (place + 1 != count) bytes_ += ", ";
      }
    }
  }

  void write_inline_entry(const Map::Entry& entry, std::size_t depth) {
    toml::append_key(bytes_, entry.key);
    bytes_ += " = ";
    write_element(entry.value, depth + 1);
  }

  void write_element(const Value& given, std::size_t depth) {
    if (depth > max_depth) throw Unwritable{"toml: values nest too deep"};
    const std::size_t begin = out_.size();
    walk_.count(begin);
    const Value value = resolve(given);
    bool marked = given.secret_bit();
    switch (value.kind()) {
      case Kind::nil: throw Unwritable{"toml: cannot encode array with nil element"};
      case Kind::boolean: bytes_ += value.as_bool() ? "true" : "false"; break;
      case Kind::int_:
      case Kind::int64: append_int(bytes_, value.as_int()); break;
      case Kind::uint64: append_uint(bytes_, value.as_uint()); break;
      case Kind::float64: write_float(value.as_float()); break;
      case Kind::complex128: throw Unwritable{"unsupported type: complex128"};
      case Kind::string:
        toml::append_basic_string(bytes_, value.str());
        marked = marked || value.text().has_marks();
        break;
      case Kind::bytes: write_bytes(value.str()); break;
      case Kind::list: write_array(value, depth); break;
      case Kind::map: write_inline_table(value, depth); break;
      case Kind::object: as_struct(value) != nullptr ? write_inline_table(value, depth) : write_time(*value.object()); break;
    }
    if (marked) out_.mark_from(begin);
  }

  void write_array(const Value& value, std::size_t depth) {
    bytes_ += '[';
    const char* separator = "";
    for (const Value& item : value.items()) {
      bytes_ += separator;
      write_element(item, depth + 1);
      separator = ", ";
    }
    bytes_ += ']';
  }

  void write_bytes(std::string_view bytes) {
    bytes_ += '[';
    const char* separator = "";
    for (const char byte : bytes) {
      bytes_ += separator;
      append_uint(bytes_, static_cast<unsigned char>(byte));
      separator = ", ";
    }
    bytes_ += ']';
  }

  void write_float(double x) {
    if (!std::isfinite(x)) {
      if (std::signbit(x)) bytes_ += '-';
      bytes_ += std::isnan(x) ? "nan" : "inf";
      return;
    }
    const std::string digits = rules_ == TomlRules::helm3 ? format_float(x, 'f', -1) : float_text(x);
    bytes_ += digits;
    if (digits.find_first_of(".e") == std::string::npos) bytes_ += ".0";
  }

  /// Times without a zone carry the zone's name that the reader gave them.
  void write_time(const Object& time) {
    const Value plain = time.to_plain();
    std::string_view text = plain.str();
    std::string printed;
    time.string_method(printed);
    const bool local_date = printed.ends_with(" date-local");
    const bool local_time = printed.ends_with(" time-local");
    if ((local_date || local_time || printed.ends_with(" datetime-local")) && text.ends_with('Z')) text.remove_suffix(1);
    if (local_date) text = text.substr(0, text.find('T'));
    if (local_time) text = text.substr(text.find('T') + 1);
    bytes_ += text;
  }

  TextBuilder& out_;
  std::string& bytes_;
  TomlRules rules_;
  std::vector<std::string> key_;
  Walk walk_;
};

}  // namespace

Result<Text> to_toml(const Value& value, TomlRules rules) {
  TextBuilder out;
  try {
    Writer(out, rules).run(value);
  } catch (const Unwritable& problem) {
    return Error{Errc::invalid, problem.text};
  }
  return out.finish();
}

}  // namespace sluice
