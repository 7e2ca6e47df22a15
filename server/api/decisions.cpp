#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/deployment/pattern.hpp"
#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/idempotency.hpp"
#include "server/api/requests.hpp"
#include "server/config/config.hpp"
#include "server/store/store.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::Caller;
using http::Request;
using nlohmann::json;

namespace {

constexpr std::size_t comment_limit = 4000;
constexpr std::size_t name_limit = 255;

Error bad(std::string text) { return {Errc::invalid, "request-malformed: " + std::move(text)}; }

Result<std::vector<std::string>> names_of(const json& object, std::string_view member) {
  std::vector<std::string> names;
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return names;
  const bool fine = found->is_array() && found->size() <= 1000 &&
                    std::all_of(found->begin(), found->end(), [](const json& each) { return each.is_string(); });
  if (!fine) return bad(std::string(member) + ": expected a list of texts");
  for (const auto& each : *found) names.push_back(each.get<std::string>());
  return names;
}

Result<DecisionInput> input_of(const Request& request, deployment::Wish wish) {
  DecisionInput input;
  input.wish = wish;
  auto id = id_of(request);
  if (!id) return std::move(id).error();
  input.id = *id;
  auto body = wish == deployment::Wish::approve ? object_of(request, {"digest", "comment", "hold"})
                                                : object_of(request, {"digest", "comment"});
  if (!body) return std::move(body).error();
  auto digest = text_of(*body, "digest", name_limit);
  if (!digest) return std::move(digest).error();
  auto comment = text_of(*body, "comment", comment_limit);
  if (!comment) return std::move(comment).error();
  auto hold = names_of(*body, "hold");
  if (!hold) return std::move(hold).error();
  input.digest = std::move(*digest);
  input.comment = std::move(*comment);
  input.hold = std::move(*hold);
  return input;
}

http::Response created(const store::CreatedDeployment& made) {
  auto response = json_answer(made.is_new ? 201 : 200, {{"id", made.id.value}, {"new", made.is_new}});
  response.fields.push_back({"Location", "/api/v1/deployments/" + std::to_string(made.id.value)});
  return response;
}

bool is_ref(std::string_view text) {
  return !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c != 0x7f && c != '\\' && c != '~' && c != '^' && c != ':';
  });
}

/// The branch that a manual deployment means when it names none: that of the first push rule which has no pattern in it.
std::string default_ref(const config::Target& target) {
  for (const auto& trigger : target.on) {
    const auto branch = trigger.conditions.find("branch");
    if (branch != trigger.conditions.end() && branch->second.find_first_of("*?[\\") == std::string::npos)
      return "refs/heads/" + branch->second;
  }
  return {};
}

Result<store::NewDeployment> wanted_by(const World& world, const Caller& caller, const json& body) {
  auto repository_name = text_of(body, "repository", name_limit);
  if (!repository_name) return std::move(repository_name).error();
  auto environment_name = text_of(body, "environment", name_limit);
  if (!environment_name) return std::move(environment_name).error();
  auto ref = text_of(body, "ref", name_limit);
  if (!ref) return std::move(ref).error();
  const auto config = world.config();
  const auto* repository = config::find_repository(*config, *repository_name);
  if (repository == nullptr)
    return Error{Errc::not_found, "not-found: the configuration has no repository \"" + *repository_name + "\""};
  const auto target = repository->environments.find(*environment_name);
  const auto environment = config->environments.find(*environment_name);
  if (target == repository->environments.end() || environment == config->environments.end() ||
      !may_see(caller.person, *environment_name))
    return Error{Errc::not_found,
                 "not-found: repository " + repository->name + " has no environment \"" + *environment_name + "\""};
  const auto& on = target->second.on;
  if (std::none_of(on.begin(), on.end(), [](const config::Trigger& trigger) { return trigger.event == "manual"; }))
    return Error{Errc::denied, "not-permitted: environment " + *environment_name + " of " + repository->name +
                                   " takes no manual deployments; its `on` list has no manual rule"};
  if (ref->empty()) *ref = default_ref(target->second);
  if (ref->empty()) return bad("ref: there is no default for this environment, name a branch, a tag or a commit");
  if (!is_ref(*ref)) return bad("ref: expected a branch, a tag or a full commit id");
  if (ref->starts_with("refs/")) {
    auto may = deployment::may_deploy_ref(environment->second.protection, *ref);
    if (!may) return std::move(may).error();
  }
  return store::NewDeployment{.repository = repository->name,
                              .environment = *environment_name,
                              .cluster = environment->second.cluster,
                              .ref = *ref,
                              .commit = {},
                              .config_digest = world.config_digest(*repository, environment->second),
                              .trigger = "manual",
                              .title = {},
                              .initiator = caller.person,
                              .origin = std::nullopt,
                              .delivery = std::nullopt,
                              .once = false};
}

/// A name that means nothing would hold nothing back.
Result<> check_hold(const std::vector<std::string>& hold, const store::Plan* plan) {
  if (hold.empty()) return {};
  const auto releases = plan ? releases_of(*plan) : std::vector<std::string>();
  for (const std::string& name : hold) {
    const bool is_known = std::any_of(releases.begin(), releases.end(), [&name](const std::string& release) {
      return release == name || release.substr(release.find('/') + 1) == name;
    });
    if (is_known) continue;
    std::string known;
    for (const std::string& release : releases) known += (known.empty() ? "" : ", ") + release;
    return bad("hold: the plan has no release \"" + name + "\"; it has " + (known.empty() ? "none" : known));
  }
  return {};
}

}  // namespace

std::vector<std::string> releases_of(const store::Plan& plan) {
  std::vector<std::string> names;
  const json diff = parsed(plan.diff_json);
  if (!diff.is_object() || !diff.contains("releases")) return names;
  for (const json& release : diff["releases"]) names.push_back(release.value("namespace", "") + "/" + release.value("release", ""));
  return names;
}

Result<deployment::Protection> rules_of(const World& world, const std::string& environment, const store::Plan* plan) {
  const auto config = world.config();
  const auto found = config->environments.find(environment);
  if (found == config->environments.end())
    return Error{Errc::conflict, "conflict: the configuration has no environment \"" + environment + "\" any more"};
  if (!plan) return found->second.protection;
  const json summary = parsed(plan->summary);
  const bool is_image_only = summary.is_object() && summary.value("image_only", false);
  const bool may_lose_data = summary.is_object() && summary.contains("data_losses") && !summary["data_losses"].empty();
  return config::rules_for(found->second, is_image_only, may_lose_data);
}

asio::awaitable<Result<store::Decided>> submit_decision(const World& world, std::shared_ptr<const Caller> caller,
                                                        DecisionInput input, AlsoWrite also) {
  auto found = co_await visible_deployment(world, caller, input.id);
  if (!found) co_return std::move(found).error();
  auto plan = co_await world.store.read(&store::Reader::plan, input.id);
  auto rules = rules_of(world, found->environment, plan ? &*plan : nullptr);
  if (!rules) co_return std::move(rules).error();
  if (auto known = check_hold(input.hold, plan ? &*plan : nullptr); !known) co_return std::move(known).error();
  store::DecisionAsk ask{.deployment = input.id,
                         .request = {.wish = input.wish,
                                     .by = caller->person,
                                     .digest = std::move(input.digest),
                                     .comment = std::move(input.comment)},
                         .rules = std::move(*rules),
                         .hold = std::move(input.hold)};
  auto write = [ask = std::move(ask), also = std::move(also)](store::Writer& writer) -> Result<store::Decided> {
    auto decided = writer.decide(ask);
    if (!decided || !also) return decided;
    auto written = also(writer, *decided);
    if (!written) return std::move(written).error();
    return decided;
  };
  auto decided = co_await world.store.write(std::move(write));
  if (decided && world.wake) world.wake();
  co_return decided;
}

static http::Response decided_as(store::DeploymentId id, const store::Decided& decided) {
  return json_answer(
      200, {{"id", id.value}, {"state", deployment::to_string(decided.state)}, {"stopping", decided.stops_running_push}});
}

Answer decide(const World& world, Request request, deployment::Wish wish) {
  auto input = input_of(request, wish);
  if (!input) co_return failed(input.error(), request);
  const auto id = input->id;
  AlsoWrite keep_answer;
  if (const auto place = answer_place(request)) {
    keep_answer = [place = *place, id](store::Writer& writer, const store::Decided& decided) {
      return writer.keep_answer(place.key, answer_to_keep(place, decided_as(id, decided)));
    };
  }
  auto decided = co_await submit_decision(world, request.caller, std::move(*input), std::move(keep_answer));
  if (!decided) co_return failed(decided.error(), request);
  co_return decided_as(id, *decided);
}

namespace {
Answer again(const World& world, Request request,
             Result<store::CreatedDeployment> (store::Writer::*how)(store::DeploymentId, const store::Person&)) {
  auto id = id_of(request);
  if (!id) co_return failed(id.error(), request);
  auto empty = object_of(request, {});
  if (!empty) co_return failed(empty.error(), request);
  auto found = co_await visible_deployment(world, request.caller, *id);
  if (!found) co_return failed(found.error(), request);
  auto write = [how, id = *id, by = request.caller->person,
                place = answer_place(request)](store::Writer& writer) -> Result<store::CreatedDeployment> {
    auto made = (writer.*how)(id, by);
    if (!made || !place) return made;
    auto kept = writer.keep_answer(place->key, answer_to_keep(*place, created(*made)));
    if (!kept) return std::move(kept).error();
    return made;
  };
  auto made = co_await world.store.write(std::move(write));
  if (!made) co_return failed(made.error(), request);
  if (world.wake) world.wake();
  co_return created(*made);
}
}  // namespace

Answer retry(const World& world, Request request) { return again(world, std::move(request), &store::Writer::retry); }
Answer roll_back(const World& world, Request request) { return again(world, std::move(request), &store::Writer::rollback_to); }

Answer trigger(const World& world, Request request) {
  auto body = object_of(request, {"repository", "environment", "ref"});
  if (!body) co_return failed(body.error(), request);
  auto wanted = wanted_by(world, *request.caller, *body);
  if (!wanted) co_return failed(wanted.error(), request);
  wanted->request_key = request_key(request);
  auto made = co_await world.store.write(&store::Writer::create_deployment, std::move(*wanted));
  if (!made) co_return failed(made.error(), request);
  if (world.wake) world.wake();
  co_return created(*made);
}

}  // namespace sluice::api
