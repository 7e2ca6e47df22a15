#include <array>
#include <cmath>

#include "core/base/digest.hpp"
#include "core/value/json.hpp"
#include "core/value/segments.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"
#include "core/value/walk.hpp"

namespace sluice {
namespace {

/// Bytes that cannot stand in a string as they are: quotes, backslash, controls, < > &, and all above ASCII (checked further).
constexpr std::array<bool, 256> special_bytes = [] {
  std::array<bool, 256> special{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    special[byte] = byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\' || byte == '<' || byte == '>' || byte == '&';
  }
  return special;
}();

class Writer {
 public:
  Writer(TextBuilder& out, JsonStyle style) : out_(out), bytes_(out.bytes()), style_(style) {}

  Result<> write(const Value& value, int depth) {
    const std::size_t begin = out_.size();
    walk_.count(begin);
    auto done = write_unmarked(value, depth);
    if (value.secret_bit()) out_.mark_from(begin);
    return done;
  }

 private:
  Result<> write_unmarked(const Value& value, int depth) {
    switch (value.kind()) {
      case Kind::nil: bytes_ += "null"; break;
      case Kind::boolean: bytes_ += value.as_bool() ? "true" : "false"; break;
      case Kind::int_:
      case Kind::int64: append_int(bytes_, value.as_int()); break;
      case Kind::uint64: append_uint(bytes_, value.as_uint()); break;
      case Kind::float64:
        if (!std::isfinite(value.as_float())) {
          return Error{Errc::invalid, "json: unsupported value: " + float_text(value.as_float())};
        }
        append_json_float(bytes_, value.as_float());
        break;
      case Kind::complex128: return Error{Errc::invalid, "json: unsupported type: complex128"};
      case Kind::string: write_string(value.text()); break;
      case Kind::bytes: write_bytes(value); break;
      case Kind::list: return write_list(value, depth);
      case Kind::map: return write_map(value, depth);
      case Kind::object: return write_object(*value.object(), depth);
    }
    return {};
  }

  void write_bytes(const Value& value) {
    const std::size_t begin = out_.size();
    bytes_ += '"';
    bytes_ += to_base64(value.str());
    bytes_ += '"';
    if (value.text().has_marks()) out_.mark_from(begin);
  }

  void write_string(const Text& text) {
    bytes_ += '"';
    if (text.has_marks()) {
      for_each_segment(text, [&](std::string_view piece, bool secret) {
        const std::size_t begin = out_.size();
        append_escaped(piece);
        if (secret) out_.mark_from(begin);
      });
    } else {
      append_escaped(text);
    }
    bytes_ += '"';
  }

  void append_escaped(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t plain = at;
      while (plain < text.size() && !special_bytes[static_cast<unsigned char>(text[plain])]) ++plain;
      bytes_ += text.substr(at, plain - at);
      at = plain;
      if (at == text.size()) break;
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte < 0x80) {
        append_escape(byte);
        ++at;
        continue;
      }
      const Rune rune = decode_rune(text.substr(at));
      if (!rune.valid()) {
        bytes_ += "\\ufffd";
      } else if (rune.value == 0x2028 || rune.value == 0x2029) {
        bytes_ += rune.value == 0x2028 ? "\\u2028" : "\\u2029";
      } else {
        bytes_ += text.substr(at, rune.size);
      }
      at += rune.size;
    }
  }

  void append_escape(unsigned char byte) {
    switch (byte) {
      case '"': bytes_ += "\\\""; return;
      case '\\': bytes_ += "\\\\"; return;
      case '\b': bytes_ += "\\b"; return;
      case '\f': bytes_ += "\\f"; return;
      case '\n': bytes_ += "\\n"; return;
      case '\r': bytes_ += "\\r"; return;
      case '\t': bytes_ += "\\t"; return;
      default: break;
    }
    if (byte >= 0x20 && style_ == JsonStyle::raw) {
      bytes_ += static_cast<char>(byte);
      return;
    }
    bytes_ += "\\u00";
    bytes_ += "0123456789abcdef"[byte >> 4];
    bytes_ += "0123456789abcdef"[byte & 0xF];
  }

  void break_line(int depth) {
    if (style_ != JsonStyle::pretty) return;
    bytes_ += '\n';
    bytes_.append(static_cast<std::size_t>(depth) * 2, ' ');
  }

  static Error cycle(const Value& value) {
    return {Errc::invalid, "json: unsupported value: encountered a cycle via " + std::string(type_name(value))};
  }

  Result<> write_list(const Value& value, int depth) {
    if (value.is_typed_nil()) {
      bytes_ += "null";
      return {};
    }
    if (depth > Walk::max_depth) return cycle(value);
    bytes_ += '[';
    bool first = true;
    for (const Value& item : value.items()) {
      if (!std::exchange(first, false)) bytes_ += ',';
      break_line(depth + 1);
      if (auto done = write(item, depth + 1); !done) return done;
    }
    if (!first) break_line(depth);
    bytes_ += ']';
    return {};
  }

  Result<> write_map(const Value& value, int depth) {
    if (value.is_typed_nil()) {
      bytes_ += "null";
      return {};
    }
    if (depth > Walk::max_depth) return cycle(value);
    return write_entries(value.map()->entries(), depth);
  }

  Result<> write_object(const Object& object, int depth) {
    std::vector<Map::Entry> fields;
    return object.json_fields(fields) ? write_entries(fields, depth) : write(object.to_plain(), depth + 1);
  }

  Result<> write_entries(std::span<const Map::Entry> entries, int depth) {
    bytes_ += '{';
    bool first = true;
    for (const auto& [key, element] : entries) {
      if (!std::exchange(first, false)) bytes_ += ',';
      break_line(depth + 1);
      write_string(key);
      bytes_ += style_ == JsonStyle::pretty ? ": " : ":";
      if (auto done = write(element, depth + 1); !done) return done;
    }
    if (!first) break_line(depth);
    bytes_ += '}';
    return {};
  }

  TextBuilder& out_;
  std::string& bytes_;
  JsonStyle style_;
  Walk walk_;
};

}  // namespace

Result<> write_json(TextBuilder& out, const Value& value, JsonStyle style) { return Writer(out, style).write(value, 0); }

Result<Text> to_json(const Value& value, JsonStyle style) {
  TextBuilder out;
  if (auto done = write_json(out, value, style); !done) return std::move(done).error();
  return out.finish();
}

}  // namespace sluice
