#include "core/plan/json.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "core/plan/raw_json.hpp"
#include "core/value/value.hpp"

namespace sluice::plan {

namespace {

/// Whether brackets outside of texts nest at most `max_depth` deep. (nlohmann parses any depth, but copying that overflows the
/// stack.)
bool is_shallow(std::string_view text, int max_depth) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      i = skip_string(text, i);
      if (i == text.npos) break;
      --i;
    } else if (c == '{' || c == '[') {
      if (++depth > max_depth) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

bool needs_escape(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return k < text.size() ? static_cast<unsigned char>(text[k]) : 0U; };
  if (at(i) == 0x7f) return true;
  if (at(i) == 0xc2 && at(i + 1) >= 0x80 && at(i + 1) <= 0x9f) return true;
  return at(i) == 0xef && at(i + 1) == 0xbf && at(i + 2) >= 0xbe;
}

std::string escape_controls(std::string text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text, i)) {
      out += text[i];
      continue;
    }
    const auto lead = static_cast<unsigned char>(text[i]);
    unsigned code = lead;
    if (lead == 0xc2) code = static_cast<unsigned char>(text[++i]);
    if (lead == 0xef) {
      code = 0xffc0U | (static_cast<unsigned char>(text[i + 2]) & 0x3fU);
      i += 2;
    }
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15U];
  }
  return out;
}

}  // namespace

Result<Json> parse_json(std::string_view text, int max_depth) {
  if (!is_shallow(text, max_depth))
    return Error{Errc::invalid, "JSON is nested deeper than " + std::to_string(max_depth) + " levels"};
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Error{Errc::invalid, "not JSON"};
  return json;
}

std::string to_text(const Json& json) {
  std::string out = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (needs_escape(out, i)) return escape_controls(std::move(out));
  }
  return out;
}

Json from_value(const Value& value) {
  switch (value.kind()) {
    case Kind::nil:
    case Kind::complex128: return nullptr;
    case Kind::boolean: return value.as_bool();
    case Kind::int_:
    case Kind::int64: return value.as_int();
    case Kind::uint64: return value.as_uint();
    case Kind::float64: {
      const double number = value.as_float();
      if (number == std::floor(number) && std::abs(number) < 9.0e15) return static_cast<std::int64_t>(number);
      return number;
    }
    case Kind::string:
    case Kind::bytes: return std::string(value.str());
    case Kind::list: {
      Json out = Json::array();
      for (const auto& item : value.items()) out.push_back(from_value(item));
      return out;
    }
    case Kind::map: {
      if (!value.map()) return nullptr;
      Json out = Json::object();
      for (const auto& [key, item] : *value.map()) out.emplace(std::string(key.view()), from_value(item));
      return out;
    }
    case Kind::object: return from_value(value.object()->to_plain());
  }
  return nullptr;
}

const Json* find(const Json& json, std::string_view key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(std::string(key));
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

const Json* find_path(const Json& json, std::string_view path) {
  const Json* here = &json;
  while (here && !path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (here->is_array()) {
      std::size_t index = 0;
      const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), index);
      if (failed != std::errc{} || end != part.data() + part.size() || index >= here->size()) return nullptr;
      here = &(*here)[index];
    } else {
      here = find(*here, part);
    }
  }
  return here;
}

std::string text_at(const Json& json, std::string_view path) {
  const Json* found = find_path(json, path);
  return found && found->is_string() ? found->get<std::string>() : std::string();
}

long long int_at(const Json& json, std::string_view path, long long otherwise) {
  const Json* found = find_path(json, path);
  return found && found->is_number_integer() ? found->get<long long>() : otherwise;
}

}  // namespace sluice::plan
