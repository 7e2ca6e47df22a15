#include "core/kustomize/generators.hpp"

#include <algorithm>

#include "core/base/digest.hpp"
#include "core/value/json.hpp"
#include "core/value/unicode.hpp"

namespace sluice::kustomize {

namespace {

bool is_on(const Value& record, std::string_view field) {
  const Value* value = record.find(field);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::vector<std::string> texts_of(const Value& entry, std::string_view field) {
  std::vector<std::string> texts;
  const Value* list = entry.find(field);
  if (list == nullptr) return texts;
  for (const Value& item : list->items()) texts.push_back(scalar_text(item).str());
  return texts;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string without_quotes(std::string text) {
  const bool quoted = text.size() > 1 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// Collects the keys and values of one object.
class Data {
 public:
  explicit Data(const ReadFile& read) : read_(read) {}

  /// Lines of KEY=VALUE; a key alone is empty.
  Result<> add_variables(const std::string& path) {
    auto text = read_(path);
    if (!text) return std::move(text).error();
    std::string_view rest = *text;
    if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      std::string line(rest.substr(0, end));
      rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
      if (line.ends_with('\r')) line.pop_back();
      line.erase(0, std::min(line.find_first_not_of(" \t\v\f\r"), line.size()));
      if (line.empty() || line.front() == '#') continue;
      const std::size_t equals = line.find('=');
      if (auto added = add(line.substr(0, equals), equals == line.npos ? "" : line.substr(equals + 1)); !added) return added;
    }
    return {};
  }

  Result<> add_literal(const std::string& source) {
    const std::size_t equals = source.find('=');
    if (equals == 0 || equals == source.npos)
      return Error{Errc::invalid, "invalid literal source " + source + ", expected key=value"};
    return add(source.substr(0, equals), without_quotes(source.substr(equals + 1)));
  }

  Result<> add_file(const std::string& source) {
    const std::size_t equals = source.find('=');
    const std::string path = equals == source.npos ? source : source.substr(equals + 1);
    const std::string key = equals == source.npos ? base_name(source) : source.substr(0, equals);
    if (key.empty() || path.empty() || path.find('=') != path.npos)
      return Error{Errc::invalid, "file source \"" + source + "\": expected path or key=path"};
    auto content = read_(path);
    if (!content) return std::move(content).error();
    return add(key, *content);
  }

  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  Result<> add(const std::string& key, std::string value) {
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    });
    if (!plain) return Error{Errc::invalid, "\"" + key + "\" is no key: letters, digits, '-', '_' and '.' may be in one"};
    if (std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == key; })) {
      return Error{Errc::invalid, "illegally repeats the key `" + key + "`"};
    }
    pairs_.emplace_back(key, std::move(value));
    return {};
  }

  const ReadFile& read_;
  std::vector<std::pair<std::string, std::string>> pairs_;
};

Result<Data> read_data(const Value& entry, const ReadFile& read) {
  Data data(read);
  std::vector<std::string> variables = texts_of(entry, "envs");
  if (const std::string one = text_at(entry, {"env"}); !one.empty()) variables.push_back(one);
  for (const std::string& path : variables) {
    if (auto done = data.add_variables(path); !done) return std::move(done).error();
  }
  for (const std::string& source : texts_of(entry, "literals")) {
    if (auto done = data.add_literal(source); !done) return std::move(done).error();
  }
  for (const std::string& source : texts_of(entry, "files")) {
    if (auto done = data.add_file(source); !done) return std::move(done).error();
  }
  return data;
}

/// Base64 in lines of 70, as kustomize writes the values of Secrets.
std::string wrapped_base64(const std::string& bytes) {
  constexpr std::size_t width = 70;
  const std::string whole = to_base64(bytes);
  if (whole.size() <= width) return whole;
  std::string lines;
  for (std::size_t at = 0; at < whole.size(); at += width) lines += whole.substr(at, width) + "\n";
  return lines;
}

void put_data(Value& object, const std::string& kind, const Data& data) {
  for (const auto& [key, value] : data.pairs()) {
    const bool is_secret = kind == "Secret";
    const bool is_text = is_secret || is_utf8(value);
    Map* map = make_map_at(object, {is_text ? "data" : "binaryData"});
    const std::string text = !is_secret && is_text ? value : wrapped_base64(value);
    map->set(key, Value::of_string(is_secret ? Text::secret(text) : Text(text)));
  }
}

void put_options(Value& object, const Value& options) {
  for (const char* part : {"labels", "annotations"}) {
    const Value* texts = options.find(part);
    if (texts == nullptr || texts->map() == nullptr) continue;
    for (const Map::Entry& entry : *texts->map()) {
      Map* map = make_map_at(object, {"metadata", part});
      if (!map->contains(entry.key)) map->set(entry.key, Value::of_string(scalar_text(entry.value)));
    }
  }
  if (is_on(options, "immutable")) object.map()->set("immutable", Value::of_bool(true));
}

/// What the contents of an object hash to; of its name nothing is in it, as kustomize looks for that where it is not.
Result<std::string> hash_of(const Value& object) {
  const bool is_secret = text_at(object, {"kind"}) == "Secret";
  const auto part = [&](std::string_view name) {
    const Value* found = object.find(name);
    return found == nullptr ? Value::of_string("") : *found;
  };
  const Value hashed = Value::new_map({{"kind", part("kind")}, {"name", Value::of_string("")}, {"data", part("data")}});
  if (is_secret) hashed.map()->set("type", part("type"));
  if (const char* more = is_secret ? "stringData" : "binaryData"; object.find(more) != nullptr)
    hashed.map()->set(more, part(more));
  auto json = to_json(hashed);
  if (!json) return std::move(json).error();
  std::string hash = to_hex(sha256(json->view())).substr(0, 10);
  for (char& c : hash) {
    constexpr std::string_view from = "013ae", to = "ghkmt";  // no words by chance
    if (const std::size_t at = from.find(c); at != from.npos) c = to[at];
  }
  return hash;
}

}  // namespace

Result<Resource> generate(const std::string& kind, const Value& entry, const Value& global, const ReadFile& read) {
  const std::string name = text_at(entry, {"name"});
  if (name.empty()) return Error{Errc::invalid, "a " + kind + " that is generated must have a name"};
  const std::string doing = "generating " + kind + " \"" + name + "\"";
  if (const std::string behavior = text_at(entry, {"behavior"}); !behavior.empty() && behavior != "create") {
    return Error{Errc::unsupported, doing + ": `behavior: " + behavior + "` is not supported"};
  }
  auto data = read_data(entry, read);
  if (!data) return std::move(data).error().during(doing);
  Value object = Value::new_map({{"apiVersion", Value::of_string("v1")}, {"kind", Value::of_string(kind)}});
  make_map_at(object, {"metadata"})->set("name", Value::of_string(name));
  if (const std::string in = text_at(entry, {"namespace"}); !in.empty())
    make_map_at(object, {"metadata"})->set("namespace", Value::of_string(in));
  if (kind == "Secret") {
    const std::string type = text_at(entry, {"type"});
    object.map()->set("type", Value::of_string(type.empty() ? "Opaque" : type));
  }
  put_data(object, kind, *data);
  const Value* own = entry.find("options");
  const Value none = Value::new_map();
  put_options(object, own == nullptr ? none : *own);
  put_options(object, global);
  const bool has_plain_name = is_on(global, "disableNameSuffixHash") || (own != nullptr && is_on(*own, "disableNameSuffixHash"));
  return Resource{.object = std::move(object), .source = kind + " \"" + name + "\"", .needs_hash = !has_plain_name};
}

Result<> add_hashes(std::vector<Resource>& resources) {
  for (Resource& resource : resources) {
    if (!resource.needs_hash || resource.is_removed()) continue;
    auto hash = hash_of(resource.object);
    if (!hash) return std::move(hash).error();
    const Id id = resource.id();
    resource.before.push_back(id);
    make_map_at(resource.object, {"metadata"})->set("name", Value::of_string(id.name + "-" + *hash));
  }
  return {};
}

}  // namespace sluice::kustomize
