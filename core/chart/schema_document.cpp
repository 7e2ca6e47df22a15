#include "core/chart/schema_document.hpp"

#include <cmath>

#include "core/value/json.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

constexpr std::uint64_t max_steps = 5'000'000;
constexpr int max_depth = 256;
constexpr int max_schema_depth = 256;
constexpr std::size_t max_documents = 65;
constexpr std::size_t max_fetched = 32U << 20;  // bytes of JSON, all together

/// "https://host/a/../b" -> "https://host/b"
std::string without_dots(std::string address) {
  const std::size_t host = address.find("://");
  const std::size_t root = host == address.npos ? 0 : address.find('/', host + 3);
  for (std::size_t at; (at = address.find("/./")) != address.npos;) address.erase(at, 2);
  for (std::size_t at; (at = address.find("/../")) != address.npos;) {
    const std::size_t before = at > root ? address.rfind('/', at - 1) : at;
    address.erase(before, at + 3 - before);
  }
  return address;
}

std::string join_address(const std::string& base, std::string_view reference) {
  if (reference.find(':') != reference.npos) return std::string(reference);
  if (reference.starts_with('/')) {
    const std::size_t host = base.find("://");
    const std::size_t path = host == base.npos ? 0 : base.find('/', host + 3);
    return base.substr(0, path) + std::string(reference);
  }
  return without_dots(base.substr(0, base.rfind('/') + 1) + std::string(reference));
}

/// One step of a JSON pointer in a URI fragment.
std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '%' && i + 2 < token.size()) {
      const auto code = parse_uint(token.substr(i + 1, 2), 16);
      if (code) {
        out += static_cast<char>(code.value);
        i += 2;
        continue;
      }
    }
    out += token[i];
  }
  std::string plain;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '~' && i + 1 < out.size() && (out[i + 1] == '0' || out[i + 1] == '1')) {
      plain += out[++i] == '0' ? '~' : '/';
    } else {
      plain += out[i];
    }
  }
  return plain;
}

}  // namespace

SchemaDocument::SchemaDocument(std::string_view json, HelmVersion helm, SchemaFetch fetch) : helm_(helm), fetch_(std::move(fetch)) {
  const Value& root = documents_.emplace_back(read(json));
  index(root, base_, 0);
  if (const Value* id = keyword(root, "$id"); id && id->is_string()) base_ = enter(root, base_).base;
  addresses_[base_] = {&root, base_};
}

Value SchemaDocument::read(std::string_view json) const {
  const bool blank = json.find_first_not_of(" \t\r\n") == json.npos;
  if (blank) throw BadSchema{"EOF"};
  auto value = read_json(json, {.max_depth = max_schema_depth});
  if (!value) throw BadSchema{value.error().what == "unexpected end of JSON input" ? "unexpected EOF" : value.error().what};
  return *std::move(value);
}

/// Makes the schema at `address` one of the documents.
void SchemaDocument::fetch(const std::string& address) const {
  const auto fail = [&](const std::string& why) {
    throw BadSchema{helm_ == HelmVersion::v3 ? why : "failing loading " + quoted(address) + ": " + why};
  };
  const bool is_web = address.starts_with("https://") || address.starts_with("http://");
  if (!is_web || !fetch_) {
    throw BadSchema{"values.schema.json refers to " + address + ", which is not read: only https:// addresses are" +
                    (is_web ? ", and here not even those" : "") +
                    "; put it into the schema, or render with --skip-schema-validation"};
  }
  if (documents_.size() == max_documents) fail("values.schema.json leads to more than 64 other schemas");
  auto json = fetch_(address);
  if (!json) fail(json.error().what);
  fetched_bytes_ += json->size();
  if (fetched_bytes_ > max_fetched) fail("values.schema.json leads to other schemas of more than 33554432 bytes together");
  try {
    const Value& root = documents_.emplace_back(read(*json));
    index(root, address, 0);
    addresses_[address] = enter(root, address);
  } catch (const BadSchema& bad) {
    fail(bad.what);
  }
}

int SchemaDocument::draft(int unknown) const {
  const Value* schema = keyword(*root().schema, "$schema");
  const std::string_view text = schema ? schema->str() : "";
  for (const auto& [mark, version] :
       {std::pair{"draft-04", 4}, {"draft-06", 6}, {"draft-07", 7}, {"2019-09", 2019}, {"2020-12", 2020}})
    if (text.find(mark) != text.npos) return version;
  return unknown;
}

SchemaNode SchemaDocument::enter(const Value& schema, const std::string& base) const {
  const Value* id = keyword(schema, "$id");
  if (!id || !id->is_string() || id->str().starts_with('#')) return {&schema, base};
  std::string address = join_address(base, id->str());
  return {&schema, address.substr(0, address.find('#'))};
}

void SchemaDocument::index(const Value& value, const std::string& base, int depth) const {
  if (value.is_list()) {
    for (const Value& item : value.items()) index(item, base, depth + 1);
    return;
  }
  if (!value.map()) return;
  const SchemaNode node = enter(value, base);
  if (node.base != base) addresses_[node.base] = node;
  for (const std::string_view name : {"$anchor", "$dynamicAnchor", "$id", "id"}) {
    if (helm_ == HelmVersion::v3 && name.ends_with("nchor")) continue;
    const Value* anchor = keyword(value, name);
    if (!anchor || !anchor->is_string()) continue;
    const std::string_view text = anchor->str();
    const bool is_fragment = text.starts_with('#');
    if (is_fragment == name.ends_with("id")) {
      addresses_[node.base + "#" + std::string(text.substr(is_fragment ? 1 : 0))] = node;
    }
  }
  for (const auto& [key, element] : *value.map()) index(element, node.base, depth + 1);
}

SchemaNode SchemaDocument::point(const SchemaNode& from, std::string_view whole) const {
  SchemaNode node = from;
  std::string_view pointer = whole;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::string token = unescape(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(std::min(pointer.size(), pointer.find('/')));
    const Value* next = nullptr;
    if (node.schema->is_list()) {
      const auto at = parse_uint(token, 10);
      if (at && at.value < node.schema->size()) next = &node.schema->items()[at.value];
    } else {
      next = node.schema->find(token);
    }
    if (!next) {
      throw BadSchema{helm_ == HelmVersion::v3 ? "Object has no key '" + token + "'"
                                               : "json-pointer in " + quoted(from.base + "#" + std::string(whole)) + " not found"};
    }
    node = enter(*next, node.base);
  }
  return node;
}

SchemaNode SchemaDocument::resolve(const std::string& base, std::string_view reference) const {
  const std::size_t hash = reference.find('#');
  const std::string_view document = reference.substr(0, hash);
  const std::string_view fragment = hash == reference.npos ? "" : reference.substr(hash + 1);
  const std::string address = document.empty() ? base : join_address(base, document);
  auto found = addresses_.find(address);
  if (found == addresses_.end()) {
    fetch(address);
    found = addresses_.find(address);
  }
  if (fragment.empty()) return found->second;
  if (fragment.starts_with('/')) return point(found->second, fragment);
  const auto anchor = addresses_.find(address + "#" + std::string(fragment));
  if (anchor == addresses_.end() && helm_ == HelmVersion::v3) return found->second;  // as gojsonpointer takes it
  if (anchor == addresses_.end()) throw BadSchema{"anchor in " + quoted(address + "#" + std::string(fragment)) + " not found"};
  return anchor->second;
}

const SchemaNode* SchemaDocument::dynamic_anchor(const std::string& base, std::string_view name) const {
  const auto found = addresses_.find(base + "#" + std::string(name));
  if (found == addresses_.end()) return nullptr;
  const Value* anchor = keyword(*found->second.schema, "$dynamicAnchor");
  return anchor && anchor->is_string() && anchor->str() == name ? &found->second : nullptr;
}

SchemaBudget::Level::Level(SchemaBudget& budget) : budget_(budget) {
  if (++budget_.steps_ > max_steps) throw BadSchema{"values.schema.json takes more than 5000000 steps to evaluate"};
  if (++budget_.depth_ > max_depth) {
    --budget_.depth_;
    throw BadSchema{"values.schema.json is evaluated more than 256 levels deep"};
  }
}

std::string_view json_type(const Value& value) {
  switch (value.kind()) {
    case Kind::nil: return "null";
    case Kind::boolean: return "boolean";
    case Kind::string:
    case Kind::bytes: return "string";
    case Kind::list: return value.is_typed_nil() ? "null" : "array";
    case Kind::map: return value.is_typed_nil() ? "null" : "object";
    default: return "number";
  }
}

bool is_json_number(const Value& value) { return json_type(value) == "number"; }

double json_number(const Value& value) {
  switch (value.kind()) {
    case Kind::float64: return value.as_float();
    case Kind::uint64: return static_cast<double>(value.as_uint());
    default: return static_cast<double>(value.as_int());
  }
}

bool is_json_integer(const Value& value) {
  const double number = is_json_number(value) ? json_number(value) : 0.5;
  return std::trunc(number) == number;
}

bool is_multiple_of(double number, double step) {
  if (step == 0) return false;
  const double quotient = number / step;
  // both come from decimal texts: what is an integer there may miss it here by the last bits
  return std::abs(quotient - std::round(quotient)) <= std::abs(quotient) * 4e-16;
}

const Value* keyword(const Value& schema, std::string_view name) { return schema.find(name); }

}  // namespace sluice::chart
