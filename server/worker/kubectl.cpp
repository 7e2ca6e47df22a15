#include "server/worker/kubectl.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/value/value.hpp"
#include "core/value/yaml.hpp"
#include "server/worker/jsonpath.hpp"

namespace sluice::worker {

using plan::Json;

Value to_value(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return Value::of_bool(json.get<bool>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return Value::of_int64(json.get<std::int64_t>());
    case Json::value_t::number_float: return Value::of_float(json.get<double>());
    case Json::value_t::string: return Value::of_string(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      std::vector<Value> items;
      for (const Json& item : json) items.push_back(to_value(item));
      return Value::new_list(std::move(items));
    }
    case Json::value_t::object: {
      std::vector<Map::Entry> entries;
      for (const auto& [key, value] : json.items()) entries.push_back({Text(key), to_value(value)});
      return Value::of_map(make_ref<Map>(std::move(entries)));
    }
    default: return {};
  }
}

namespace {

/// `get` with its flags.
struct Get {
  std::string kind, name, namespace_, output;
  bool all_namespaces = false, ignore_not_found = false;
};

Error unsupported(const std::string& what) { return {Errc::unsupported, "kubectl as sluice answers it: " + what}; }

class ArgumentReader {
 public:
  ArgumentReader(const std::vector<std::string>& arguments, const KubectlWorld& world) : arguments_(arguments), world_(world) {
    get_.namespace_ = world.namespace_;
  }

  Result<Get> read() {
    for (; at_ < arguments_.size(); ++at_) {
      const std::string& word = arguments_[at_];
      auto done = word.size() > 1 && word[0] == '-' ? read_flag(word) : read_operand(word);
      if (!done) return std::move(done).error();
    }
    if (!got_verb_) return unsupported("only `kubectl get` is known");
    if (get_.kind.empty()) return unsupported("`get` without a kind");
    if (get_.output.empty()) return unsupported("`get` needs -o json, yaml, name or jsonpath=...");
    return get_;
  }

 private:
  /// The flag's value if `word` is one of its spellings: "-n x", "-nx", "-n=x", "--namespace x", "--namespace=x".
  bool takes(const std::string& word, std::string_view short_name, std::string_view long_name, std::string& into, bool& found) {
    found = false;
    std::string_view rest;
    if (word == short_name || word == long_name) {
      found = true;
      if (++at_ == arguments_.size()) return false;
      into = arguments_[at_];
      return true;
    }
    if (word.starts_with(std::string(long_name) + "=")) rest = std::string_view(word).substr(long_name.size() + 1);
    else if (!short_name.empty() && word.starts_with(short_name) && !word.starts_with("--")) rest = std::string_view(word).substr(short_name.size());
    else return true;
    found = true;
    if (rest.starts_with('=') && !word.starts_with("--")) rest.remove_prefix(1);
    into = rest;
    return true;
  }

  Result<> read_flag(const std::string& word) {
    struct Spelling {
      std::string_view short_name, long_name;
      std::string* into;
    };
    std::string context;
    for (const Spelling& one : {Spelling{"-n", "--namespace", &get_.namespace_}, Spelling{"-o", "--output", &get_.output}, Spelling{"", "--context", &context}}) {
      bool found = false;
      if (!takes(word, one.short_name, one.long_name, *one.into, found)) return unsupported(word + " needs a value");
      if (!found) continue;
      if (!context.empty() && context != world_.context) return unsupported("--context " + context + ": the cluster is the environment's, with context \"" + world_.context + "\"");
      return {};
    }
    if (word == "-A" || word == "--all-namespaces" || word == "--all-namespaces=true") get_.all_namespaces = true;
    else if (word == "--ignore-not-found" || word == "--ignore-not-found=true") get_.ignore_not_found = true;
    else if (word != "--no-headers" && word != "--show-managed-fields=false") return unsupported("flag " + word);
    return {};
  }

  Result<> read_operand(const std::string& word) {
    if (!got_verb_) {
      if (word != "get") return unsupported("\"" + word + "\": only `kubectl get` is known");
      got_verb_ = true;
    } else if (get_.kind.empty()) {
      const std::size_t slash = word.find('/');
      get_.kind = word.substr(0, slash);
      if (slash != std::string::npos) get_.name = word.substr(slash + 1);
      if (word.find(',') != std::string::npos) return unsupported("several kinds at once");
    } else if (get_.name.empty()) {
      get_.name = word;
    } else {
      return unsupported("several objects at once");
    }
    return {};
  }

  const std::vector<std::string>& arguments_;
  const KubectlWorld& world_;
  std::size_t at_ = 0;
  bool got_verb_ = false;
  Get get_;
};

/// Indented by four as kubectl does, with what HTML minds escaped as Go does.
std::string to_kubectl_json(const Json& object) {
  std::string out;
  for (const char c : object.dump(4)) {
    if (c == '<') out += "\\u003c";
    else if (c == '>') out += "\\u003e";
    else if (c == '&') out += "\\u0026";
    else out += c;
  }
  return out + "\n";
}

std::string named(const kube::Resource& resource, const Json& object) {
  std::string kind = resource.kind;
  std::transform(kind.begin(), kind.end(), kind.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return kind + (resource.group.empty() ? "" : "." + resource.group) + "/" + plan::text_at(object, "metadata/name") + "\n";
}

void drop_managed_fields(Json& object) {
  if (object.contains("metadata") && object["metadata"].is_object()) object["metadata"].erase("managedFields");
}

Result<std::string> print(const Get& get, const kube::Resource& resource, const Json& object) {
  if (get.output == "json") return to_kubectl_json(object);
  if (get.output == "yaml") {
    auto text = to_yaml(to_value(object));
    if (!text) return std::move(text).error();
    return std::string(text->view()) + "\n";
  }
  if (get.output == "name") {
    if (!get.name.empty()) return named(resource, object);
    std::string all;
    for (const Json& item : object["items"]) all += named(resource, item);
    return all;
  }
  if (get.output.starts_with("jsonpath=")) return print_jsonpath(object, std::string_view(get.output).substr(9));
  return unsupported("-o " + get.output.substr(0, get.output.find('=')) + ": known are json, yaml, name and jsonpath=...");
}

KubectlAnswer failed(std::string text) {
  KubectlAnswer answer;
  answer.output.exit_code = 1;
  answer.output.error_text = std::move(text) + "\n";
  return answer;
}

}  // namespace

Result<KubectlAnswer> answer_kubectl(const std::vector<std::string>& arguments, const KubectlWorld& world) {
  auto get = ArgumentReader(arguments, world).read();
  if (!get) return std::move(get).error();
  const kube::Resource* resource = world.resource(get->kind);
  if (!resource) return failed("error: the server doesn't have a resource type \"" + get->kind + "\"");
  if (get->all_namespaces && !get->name.empty()) return failed("error: a resource cannot be retrieved by name across all namespaces");
  const std::string namespace_ = !resource->namespaced || get->all_namespaces ? "" : get->namespace_;
  auto found = world.find(*resource, namespace_, get->name);
  if (!found) return std::move(found).error();

  KubectlAnswer answer;
  const bool secret = resource->group.empty() && resource->kind == "Secret";
  answer.asked_for = resource->kind + " " + (namespace_.empty() ? "" : namespace_ + "/") + (get->name.empty() ? "*" : get->name);
  answer.one_value = secret && get->output.starts_with("jsonpath=");
  answer.output.secret = secret;
  Json object;
  if (get->name.empty()) {
    object = Json{{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", {{"resourceVersion", ""}}}, {"items", Json::array()}};
    if (*found) object["items"] = (**found)["items"];
    for (Json& item : object["items"]) drop_managed_fields(item);
  } else if (!*found) {
    if (get->ignore_not_found) return answer;
    const std::string plural = resource->plural + (resource->group.empty() ? "" : "." + resource->group);
    KubectlAnswer missing = failed("Error from server (NotFound): " + plural + " \"" + get->name + "\" not found");
    missing.asked_for = answer.asked_for;
    missing.output.secret = secret;
    return missing;
  } else {
    object = std::move(**found);
    drop_managed_fields(object);
  }
  auto text = print(*get, *resource, object);
  if (!text) return std::move(text).error();
  answer.output.out = std::move(*text);
  return answer;
}

}  // namespace sluice::worker
