#include "core/helmfile/references.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "core/base/digest.hpp"
#include "core/functions/outside.hpp"
#include "core/helmfile/dialect.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/sops.hpp"

namespace sluice::helmfile {

namespace {

/// One reference in a text: "ref+file://a.yaml#/b+".
struct Found {
  std::size_t begin = 0, end = 0;  ///< of all of it
  std::string_view target;         ///< "file://a.yaml#/b"
};

/// ((secret)?ref)\+([^\+:]*:\/\/[^\+\n ]+[^\+\n ",])\+?
std::optional<Found> next_reference(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("ref+", from); at != std::string_view::npos; at = text.find("ref+", at + 1)) {
    const std::size_t target = at + 4;
    const std::size_t colon = text.find_first_of(":+", target);
    if (colon == std::string_view::npos || text.substr(colon, 3) != "://") continue;
    const std::size_t stop = std::min(text.find_first_of("+\n ", colon + 3), text.size());
    std::size_t end = stop;
    while (end > colon + 3 && (text[end - 1] == '"' || text[end - 1] == ',')) --end;
    if (end < colon + 5) continue;  // two characters at least
    Found found{at, end, text.substr(target, end - target)};
    if (at >= from + 6 && text.substr(at - 6, 6) == "secret") found.begin = at - 6;
    if (end < text.size() && text[end] == '+') ++found.end;
    return found;
  }
  return std::nullopt;
}

/// "file://a/b.yaml?encode=raw#/c/d" in its parts.
struct Address {
  std::string provider, path, fragment;
  std::vector<std::pair<std::string, std::string>> query;
};

Address read_address(std::string_view target) {
  Address address;
  const std::size_t colon = target.find("://");
  address.provider = std::string(target.substr(0, colon));
  target.remove_prefix(colon + 3);
  const std::size_t hash = std::min(target.find('#'), target.size());
  address.fragment = std::string(target.substr(std::min(hash + 1, target.size())));
  target = target.substr(0, hash);
  if (address.fragment.starts_with('/')) address.fragment.erase(0, 1);
  const std::size_t question = std::min(target.find('?'), target.size());
  std::string_view query = target.substr(std::min(question + 1, target.size()));
  address.path = std::string(target.substr(0, question));
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    const std::size_t equals = std::min(one.find('='), one.size());
    address.query.emplace_back(one.substr(0, equals), one.substr(std::min(equals + 1, one.size())));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return address;
}

std::string without_slashes(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

/// The text at "a/b/c" in a document; empty where there is none, as vals has it.
Result<Text> pick(const Value& document, std::string_view fragment) {
  const Value* at = &document;
  for (;;) {
    const std::size_t slash = std::min(fragment.find('/'), fragment.size());
    const bool last = slash == fragment.size();
    const Value* below = at->is_map() ? at->find(fragment.substr(0, slash)) : nullptr;
    if (below == nullptr) return Text();
    if (below->is_string()) {
      if (last) return below->text();
      return Error{Errc::invalid, "the key \"" + std::string(fragment.substr(0, slash)) + "\" holds a text, expected a map"};
    }
    if (last) return Text();
    at = below;
    fragment.remove_prefix(slash + 1);
  }
}

class Expander {
 public:
  Expander(const std::string& folder, const Outside& outside) : folder_(folder), outside_(outside) {}

  Result<Text> in_text(const Text& text) {
    TextBuilder out;
    std::size_t done = 0;
    while (auto found = next_reference(text.view(), done)) {
      auto value = look_up(found->target);
      if (!value) return std::move(value).error().during("expand " + std::string(found->target));
      out.append(text.substr(done, found->begin));
      out.append(*value);
      done = found->end;
    }
    if (done == 0) return text;
    out.append(text.substr(done, text.size()));
    return out.finish();
  }

  Result<Value> in_value(const Value& value) {
    if (value.is_string()) {
      auto text = in_text(value.text());
      if (!text) return std::move(text).error();
      return Value::of_string(std::move(*text));
    }
    if (value.is_list()) {
      std::vector<Value> items;
      for (const Value& item : value.items()) {
        auto one = in_value(item);
        if (!one) return one;
        items.push_back(std::move(*one));
      }
      return Value::new_list(std::move(items));
    }
    if (!value.is_map() || value.map() == nullptr) return value;
    Value copy = Value::new_map();
    for (const Map::Entry& entry : *value.map()) {
      auto one = in_value(entry.value);
      if (!one) return one;
      copy.map()->set(entry.key, std::move(*one));
    }
    return copy;
  }

 private:
  Result<Text> look_up(std::string_view target) {
    const Address address = read_address(target);
    if (address.provider == "file") return file(address);
    if (address.provider == "envsubst") return from_variables(address);
    if (address.provider == "echo") return echo(address);
    if (address.provider == "k8s") return from_cluster(address);
    if (address.provider == "sops") return encrypted(address);
    return Error{Errc::unsupported, "references to \"" + address.provider +
                                        "\" are not supported (only file, sops, envsubst, echo and k8s are); give the value in an "
                                        "environment variable or a secret of the environment"};
  }

  static Result<Text> in_document(const Text& yaml, const std::string& fragment) {
    auto document = read_yaml(yaml);
    if (!document) return Error{Errc::invalid, "it is no YAML, and a key in it was asked for"};
    return pick(*document, fragment);
  }

  Result<Text> file(const Address& address) {
    std::string encode = "raw";
    for (const auto& [key, value] : address.query) {
      if (key == "encode") encode = value;
    }
    if (encode != "raw" && encode != "base64") return Error{Errc::invalid, "Unsupported encode parameter: '" + encode + "'."};
    auto bytes = outside_.files.read(join_path(folder_, without_slashes(address.path)));
    if (!bytes) return std::move(bytes).error();
    if (!address.fragment.empty()) return in_document(Text::secret(*bytes), address.fragment);
    return Text::secret(encode == "base64" ? to_base64(*bytes) : *bytes);
  }

  /// Follows: vals, whose sops reads YAML where a key is asked for, and the whole of another file as it is.
  Result<Text> encrypted(const Address& address) {
    std::string format = address.fragment.empty() ? "binary" : "yaml";
    bool is_path = true;
    for (const auto& [key, value] : address.query) {
      if (key == "format") format = value;
      if (key == "key_type") is_path = value != "base64";
    }
    static const std::map<std::string, SopsType> types = {
        {"yaml", SopsType::yaml}, {"json", SopsType::json}, {"binary", SopsType::binary}, {"dotenv", SopsType::dotenv}};
    const auto type = types.find(format);
    if (type == types.end()) return Error{Errc::invalid, "format \"" + format + "\": expected yaml, json, dotenv or binary"};
    std::string name = address.path;
    Result<std::string> bytes = Error{Errc::invalid, "its text is no base64"};
    if (is_path) {
      name = join_path(folder_, without_slashes(address.path));
      bytes = outside_.files.read(name);
    } else if (auto decoded = from_base64(address.path)) {
      bytes = std::move(*decoded);
    }
    if (!bytes) return std::move(bytes).error();
    auto plain = decrypt(*bytes, type->second, name, outside_);
    if (!plain) return std::move(plain).error();
    return address.fragment.empty() ? Result<Text>(Text::secret(*plain)) : in_document(Text::secret(*plain), address.fragment);
  }

  Text variable(const std::string& name, const Text& otherwise, bool also_if_empty) {
    const auto found = outside_.variable(name);
    if (!found || (also_if_empty && found->text.empty())) return otherwise;
    return found->secret ? Text::secret(found->text) : Text(found->text);
  }

  Result<Text> from_variables(const Address& address) {
    const std::string path = without_slashes(address.path);
    TextBuilder out;
    for (std::size_t i = 0; i < path.size();) {
      const bool braced = path.compare(i, 2, "${") == 0;
      std::size_t end = i + (braced ? 2 : 1);
      const std::size_t begin = end;
      while (end < path.size() && (std::isalnum(static_cast<unsigned char>(path[end])) != 0 || path[end] == '_')) ++end;
      if (path[i] != '$' || end == begin) {
        out.append(path[i++]);
        continue;
      }
      const std::string name = path.substr(begin, end - begin);
      if (!braced) {
        out.append(variable(name, Text(), false));
        i = end;
        continue;
      }
      const std::size_t close = path.find('}', end);
      if (close == std::string::npos) return Error{Errc::invalid, "closing brace expected"};
      std::string rest = path.substr(end, close - end);
      const bool also_if_empty = rest.starts_with(':');
      if (also_if_empty) rest.erase(0, 1);
      if (!rest.empty() && rest[0] != '-' && rest[0] != '=') return Error{Errc::invalid, "bad substitution of " + name};
      out.append(variable(name, Text(rest.empty() ? "" : rest.substr(1)), also_if_empty));
      i = close + 1;
    }
    Text text = out.finish();
    return address.fragment.empty() ? Result<Text>(text) : in_document(text, address.fragment);
  }

  static Result<Text> echo(const Address& address) {
    if (address.fragment.empty()) return Text(without_slashes(address.path));
    const std::size_t last = address.path.rfind('/');
    if (last == std::string::npos) {
      return Error{Errc::invalid, "key must have two or more components separated by \"/\": got \"" + address.path + "\""};
    }
    return Text(address.fragment == address.path.substr(0, last) ? address.path.substr(last + 1) : "");
  }

  /// API/KIND/NAMESPACE/NAME/KEY
  Result<Text> from_cluster(const Address& address) {
    std::array<std::string, 5> parts;
    std::string_view rest = address.path;
    std::size_t count = 0;
    for (; count < parts.size() && !rest.empty(); ++count) {
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      parts[count] = std::string(rest.substr(0, slash));
      rest.remove_prefix(std::min(slash + 1, rest.size()));
    }
    const auto& [version, kind, name_space, name, key] = parts;
    const bool is_secret = kind == "Secret";
    if (count != 5 || !rest.empty() || version != "v1" || (!is_secret && kind != "ConfigMap")) {
      return Error{Errc::invalid, "expected v1/Secret/NAMESPACE/NAME/KEY or v1/ConfigMap/NAMESPACE/NAME/KEY"};
    }
    if (outside_.functions == nullptr || !outside_.functions->lookup) {
      return Error{Errc::unsupported, "there is no cluster to ask here"};
    }
    auto object = outside_.functions->lookup({version, kind, name_space, name});
    if (!object) return std::move(object).error();
    const Value* data = object->find("data");
    const Value* value = data == nullptr ? nullptr : data->find(key);
    if (value == nullptr || !value->is_string()) {
      return Error{Errc::not_found, kind + " " + name_space + "/" + name + " has no key \"" + key + "\""};
    }
    if (!is_secret) return value->text();
    const auto plain = from_base64(value->str());
    if (!plain) return Error{Errc::invalid, kind + " " + name_space + "/" + name + ": the value of \"" + key + "\" is no base64"};
    return Text::secret(*plain);
  }

  const std::string& folder_;
  const Outside& outside_;
};

}  // namespace

bool has_reference(std::string_view text) { return next_reference(text, 0).has_value(); }

bool has_reference(const Value& value) {
  if (value.is_string()) return has_reference(value.str());
  if (value.is_list()) {
    return std::any_of(value.items().begin(), value.items().end(), [](const Value& item) { return has_reference(item); });
  }
  if (!value.is_map() || value.map() == nullptr) return false;
  return std::any_of(value.map()->begin(), value.map()->end(), [](const Map::Entry& e) { return has_reference(e.value); });
}

Result<Text> expand_references(const Text& text, const std::string& folder, const Outside& outside) {
  return Expander(folder, outside).in_text(text);
}

Result<Value> expand_references(const Value& value, const std::string& folder, const Outside& outside) {
  if (!has_reference(value)) return value;
  return Expander(folder, outside).in_value(value);
}

}  // namespace sluice::helmfile
