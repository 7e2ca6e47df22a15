#include "core/chart/decode.hpp"

#include <algorithm>

#include "core/value/text.hpp"

namespace sluice::chart {

static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool names_field(std::string_view key, std::string_view name) {
  return std::equal(key.begin(), key.end(), name.begin(), name.end(), [](char a, char b) { return lower(a) == lower(b); });
}

static std::string_view json_kind(const Value& value) {
  switch (value.kind()) {
    case Kind::string: return "string";
    case Kind::boolean: return "bool";
    case Kind::list: return "array";
    case Kind::map: return "object";
    default: return "number";
  }
}

void Decoder::fail(const Value& value, std::string_view go_type) {
  if (error_) return;
  std::string what =
      "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " + std::string(json_kind(value)) + " into Go ";
  what += path_.empty() ? "value" : "struct field " + std::string(struct_) + "." + path_;
  what += " of type ";
  what += go_type;
  error_ = Error{Errc::invalid, std::move(what)};
}

void Decoder::put_text(const Value& value, std::string& into) {
  switch (value.kind()) {
    case Kind::nil: return;
    case Kind::string: into = value.str(); return;
    case Kind::boolean: into = value.as_bool() ? "true" : "false"; return;
    case Kind::int_:
    case Kind::int64: into = std::to_string(value.as_int()); return;
    case Kind::uint64: into = std::to_string(value.as_uint()); return;
    case Kind::float64: into = float32_text(value.as_float()); return;
    default: fail(value, "string");
  }
}

void Decoder::read_text(std::string_view name, const Value& value, std::string& into) {
  at(name, [&] { put_text(value, into); });
}

void Decoder::read_bool(std::string_view name, const Value& value, bool& into) {
  if (value.is_bool()) {
    into = value.as_bool();
  } else if (!value.is_nil()) {
    at(name, [&] { fail(value, "bool"); });
  }
}

void Decoder::read_texts(std::string_view name, const Value& value, std::vector<std::string>& into) {
  at(name, [&] {
    if (value.is_nil()) return into.clear();
    if (!value.is_list()) return fail(value, "[]string");
    into.assign(value.size(), {});
    for (std::size_t i = 0; i < into.size(); ++i) put_text(value.items()[i], into[i]);
  });
}

}  // namespace sluice::chart
