// URLs, paths and host names.

#include "core/functions/paths.hpp"
#include "core/functions/support.hpp"
#include "core/functions/url.hpp"
#include "core/functions/world.hpp"

namespace sluice::functions {
namespace {

template <PortColon colon>
Result<Value> url_parse(Call&, Arguments args) {
  auto url = parse_url(args[0].str(), colon);
  if (!url) return std::move(url).error().during("unable to parse url");
  return Value::new_map({{"scheme", make_text(url->scheme)},
                         {"host", make_text(url->host)},
                         {"hostname", make_text(url->hostname())},
                         {"path", make_text(url->path)},
                         {"query", make_text(url->raw_query)},
                         {"opaque", make_text(url->opaque)},
                         {"fragment", make_text(url->fragment)},
                         {"userinfo", make_text(url->user ? to_string(*url->user) : std::string())}});
}

Result<Value> url_join(Call&, Arguments args) {
  Url url;
  std::string user;
  const std::pair<std::string_view, std::string*> fields[] = {
      {"scheme", &url.scheme}, {"host", &url.host},         {"path", &url.path},    {"query", &url.raw_query},
      {"opaque", &url.opaque}, {"fragment", &url.fragment}, {"userinfo", &user}};
  for (const auto& [key, target] : fields) {
    const Value* value = args[0].find(key);
    if (!value) continue;
    if (!value->is_string())
      return failure("unable to parse " + std::string(key) + " key, must be of type string, but " + std::string(kind_name(*value)) +
                     " found");
    *target = value->str();
  }
  if (!user.empty()) {
    auto parsed = parse_url("proto://" + user + "@host");
    if (!parsed) return std::move(parsed).error().during("unable to parse userinfo in dict");
    url.user = std::move(parsed->user);
  }
  return make_text(url.text());
}

Result<Value> base(Call&, Arguments args) { return make_text(base_of(args[0].str())); }
Result<Value> dir(Call&, Arguments args) { return make_text(dir_of(args[0].str())); }
Result<Value> clean(Call&, Arguments args) { return make_text(clean_path(args[0].str())); }
Result<Value> ext(Call&, Arguments args) { return make_text(extension_of(args[0].str())); }
Result<Value> is_abs(Call&, Arguments args) { return Value::of_bool(args[0].str().starts_with('/')); }

Result<Value> get_host_by_name(Call& call, Arguments args) {
  const Outside& outside = outside_of(call);
  if (!outside.host_by_name) return make_text("");
  auto address = outside.host_by_name(args[0].str());
  if (!address) return std::move(address).error();
  return make_text(*address);
}

}  // namespace

void add_url_functions(FunctionTable& table, Helm helm) {
  constexpr GoType string = GoType::string;
  define(table, {
                    {"urlParse", {string}, helm == Helm::v4 ? url_parse<PortColon::first> : url_parse<PortColon::last>},
                    {"urlJoin", {GoType::map_any}, url_join},
                    {"base", {string}, base},
                    {"dir", {string}, dir},
                    {"clean", {string}, clean},
                    {"ext", {string}, ext},
                    {"isAbs", {string}, is_abs},
                    {"osBase", {string}, base},
                    {"osDir", {string}, dir},
                    {"osClean", {string}, clean},
                    {"osExt", {string}, ext},
                    {"osIsAbs", {string}, is_abs},
                    {"getHostByName", {string}, get_host_by_name},
                });
}

}  // namespace sluice::functions
