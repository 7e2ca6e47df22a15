#include "server/sandbox/api.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/secret.hpp"
#include "server/http/message.hpp"

namespace sluice::sandbox {

using Json = nlohmann::json;
using boost::asio::awaitable;

namespace {

/// Where a path points: /api/v1/... or /apis/GROUP/VERSION/...
struct Target {
  std::string group, version, namespace_, plural, name, part;
};

Target target_of(const std::vector<std::string>& parts, bool core) {
  Target target;
  std::size_t next = 0;
  const auto take = [&] { return next < parts.size() ? parts[next++] : std::string(); };
  if (!core) target.group = take();
  target.version = core ? "v1" : take();
  target.plural = take();
  // "namespaces/NAME" alone (or with a subresource of its own) is the namespace itself
  if (target.plural == "namespaces" && next + 1 < parts.size() && parts[next + 1] != "status" && parts[next + 1] != "finalize") {
    target.namespace_ = take();
    target.plural = take();
  }
  target.name = take();
  target.part = take();
  return target;
}

http::Response answer(const Outcome& outcome) {
  http::Response response;
  response.status = outcome.code;
  response.content_type = "application/json";
  response.body = outcome.body.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

http::Response answer(Json body) { return answer(Outcome{200, std::move(body)}); }

/// As the API server answers when only metadata is wanted.
Json metadata_only(const Json& object) {
  if (object.contains("items")) {
    Json list = object;
    list["kind"] = "PartialObjectMetadataList";
    list["apiVersion"] = "meta.k8s.io/v1";
    for (Json& item : list["items"]) item = metadata_only(item);
    return list;
  }
  return {{"kind", "PartialObjectMetadata"},
          {"apiVersion", "meta.k8s.io/v1"},
          {"metadata", object.value("metadata", Json::object())}};
}

bool is_dry_run(const http::Request& request) { return request.parameter("dryRun") == "All"; }

awaitable<void> stream_changes(http::BodyStream& stream, std::shared_ptr<World> world, Kind kind, std::string namespace_,
                               std::uint64_t version, std::string labels, std::chrono::steady_clock::time_point end) {
  while (stream.is_wanted() && std::chrono::steady_clock::now() < end) {
    const auto rings = world->changed.rings();
    const auto changes = world->objects.changes(kind, namespace_, version);
    if (!changes) {
      const Json gone{{"type", "ERROR"}, {"object", failure(410, "Expired", "too old resource version").body}};
      (void)co_await stream.write(gone.dump() + "\n");
      co_return;
    }
    for (const Change& change : *changes) {
      version = change.version;
      if (!Objects::has_labels(change.object, labels)) continue;
      const Json event{{"type", change.type}, {"object", change.object}};
      if (auto sent = co_await stream.write(event.dump() + "\n"); !sent) co_return;
    }
    (void)co_await world->changed.wait(rings, std::chrono::milliseconds(500));
  }
}

http::Response watch(const http::Request& request, const std::shared_ptr<World>& world, const Kind& kind, const Target& target) {
  std::uint64_t version = world->objects.version();
  const std::string wanted = request.parameter("resourceVersion").value_or("");
  std::from_chars(wanted.data(), wanted.data() + wanted.size(), version);
  int seconds = 300;
  const std::string limit = request.parameter("timeoutSeconds").value_or("");
  std::from_chars(limit.data(), limit.data() + limit.size(), seconds);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const std::string labels = request.parameter("labelSelector").value_or("");
  http::Response response;
  response.content_type = "application/json";
  response.stream = [world, kind, namespace_ = target.namespace_, version, labels, end](http::BodyStream& stream) {
    return stream_changes(stream, world, kind, namespace_, version, labels, end);
  };
  return response;
}

http::Response read(const http::Request& request, const std::shared_ptr<World>& world, const Kind& kind, const Target& target) {
  if (target.part == "log") return answer(failure(404, "NotFound", "the sandbox runs no containers, so there are no logs"));
  const bool metadata = request.field("Accept").value_or("").find("as=PartialObjectMetadata") != std::string_view::npos;
  if (target.name.empty() && (request.parameter("watch") == "1" || request.parameter("watch") == "true"))
    return watch(request, world, kind, target);
  Outcome outcome = target.name.empty()
                        ? world->objects.list(kind, target.namespace_, request.parameter("labelSelector").value_or(""),
                                              request.parameter("fieldSelector").value_or(""))
                        : world->objects.get(kind, target.namespace_, target.name);
  if (metadata && outcome.code == 200) outcome.body = metadata_only(outcome.body);
  return answer(outcome);
}

std::optional<Edit> edit_of(const http::Request& request, Json body) {
  Edit edit;
  edit.body = std::move(body);
  edit.manager = request.parameter("fieldManager").value_or("unknown");
  edit.dry_run = is_dry_run(request);
  if (request.method == "PUT") {
    edit.how = Edit::How::replace;
    return edit;
  }
  const std::string_view type = request.field("Content-Type").value_or("");
  if (type.starts_with("application/apply-patch+yaml")) {
    edit.how = Edit::How::apply;
  } else if (type.starts_with("application/strategic-merge-patch+json")) {
    edit.how = Edit::How::strategic;
  } else if (type.starts_with("application/merge-patch+json")) {
    edit.how = Edit::How::merge;
  } else {
    return std::nullopt;
  }
  return edit;
}

http::Response write(const http::Request& request, const std::shared_ptr<World>& world, const Kind& kind, const Target& target,
                     Json body) {
  Objects& objects = world->objects;
  if (request.method == "POST") return answer(objects.create(kind, target.namespace_, std::move(body), is_dry_run(request)));
  if (request.method == "DELETE")
    return answer(
        objects.remove(kind, target.namespace_, target.name, body.is_object() ? body : Json::object(), is_dry_run(request)));
  const auto edit = edit_of(request, std::move(body));
  if (!edit) return answer(failure(415, "UnsupportedMediaType", "the sandbox takes apply, merge and strategic merge patches"));
  return answer(objects.edit(kind, target.namespace_, target.name, *edit));
}

/// Who am I, and may I: the sandbox lets its one user do everything.
std::optional<http::Response> review(const Target& target, Json body) {
  if (target.group == "authorization.k8s.io" &&
      (target.plural == "selfsubjectaccessreviews" || target.plural == "selfsubjectrulesreviews")) {
    body["status"] = {{"allowed", true},
                      {"incomplete", false},
                      {"nonResourceRules", Json::array()},
                      {"resourceRules", {{{"verbs", {"*"}}, {"apiGroups", {"*"}}, {"resources", {"*"}}}}}};
    return answer(Outcome{201, std::move(body)});
  }
  if (target.group == "authentication.k8s.io" && target.plural == "selfsubjectreviews") {
    body["status"] = {{"userInfo", {{"username", "sandbox"}, {"groups", {"system:masters"}}}}};
    return answer(Outcome{201, std::move(body)});
  }
  return std::nullopt;
}

awaitable<http::Response> serve(std::shared_ptr<World> world, http::Request request, bool core) {
  const std::string_view given = request.field("Authorization").value_or("");
  if (!Secret("Bearer " + world->token).equals(given)) co_return answer(failure(401, "Unauthorized", "Unauthorized"));
  const Target target = target_of(request.captures, core);
  Json body = request.body.empty() ? Json(nullptr) : Json::parse(request.body, nullptr, false);
  if (body.is_discarded()) co_return answer(failure(400, "BadRequest", "the body is not JSON (the sandbox reads no other YAML)"));
  if (request.method == "POST") {
    if (auto reviewed = review(target, body)) co_return std::move(*reviewed);
  }
  const Kind* kind = world->objects.kinds().find(target.group, target.version, target.plural);
  if (!kind) co_return answer(failure(404, "NotFound", "the server could not find the requested resource"));
  if (request.method == "GET") co_return read(request, world, *kind, target);
  if (!target.part.empty() && target.part != "status")
    co_return answer(failure(404, "NotFound", "the sandbox has no such subresource"));
  const Kind copy = *kind;
  auto response = write(request, world, copy, target, std::move(body));
  world->changed.ring();
  co_return response;
}

awaitable<http::Response> fixed(std::shared_ptr<World> world, http::Request request, Json (*make)(const World&)) {
  const std::string_view given = request.field("Authorization").value_or("");
  if (!Secret("Bearer " + world->token).equals(given)) co_return answer(failure(401, "Unauthorized", "Unauthorized"));
  auto response = answer(make(*world));
  if (request.path == "/api" || request.path == "/apis") {
    response.content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  }
  co_return response;
}

Json version(const World&) {
  return {{"major", "1"}, {"minor", "34"}, {"gitVersion", "v1.34.4+sandbox"}, {"platform", "linux/amd64"}};
}

}  // namespace

http::Router make_router(std::shared_ptr<World> world) {
  http::Router router;
  const auto add = [&](const char* method, std::string pattern, auto handle) {
    http::Route route;
    route.method = method;
    route.pattern = std::move(pattern);
    route.access = http::Access::open;  // the token is checked in `serve`, as the API server does
    route.body_limit = 3u << 20;
    route.handle = std::move(handle);
    router.add(std::move(route));
  };
  const auto add_fixed = [&](const char* pattern, Json (*make)(const World&)) {
    add("GET", pattern, [world, make](http::Request request) { return fixed(world, std::move(request), make); });
  };
  add_fixed("/version", version);
  add_fixed("/readyz", [](const World&) { return Json("ok"); });
  add_fixed("/api", [](const World& w) { return w.objects.kinds().discovery(true); });
  add_fixed("/apis", [](const World& w) { return w.objects.kinds().discovery(false); });
  for (const bool core : {true, false}) {
    std::string pattern = core ? "/api/v1" : "/apis/{g}/{v}";
    for (const char* part : {"{a}", "{b}", "{c}", "{d}", "{e}"}) {
      pattern += "/" + std::string(part);
      for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        add(method, pattern, [world, core](http::Request request) { return serve(world, std::move(request), core); });
      }
    }
  }
  return router;
}

}  // namespace sluice::sandbox
