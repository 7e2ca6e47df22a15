#include "server/api/page.hpp"

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>

#include "server/api/answers.hpp"
#include "server/api/guard.hpp"
#include "server/api/handlers.hpp"
#include "server/api/page_parts.hpp"
#include "server/api/requests.hpp"
#include "server/config/config.hpp"
#include "server/http/caller.hpp"
#include "server/http/router.hpp"
#include "server/store/store.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using deployment::State;
using deployment::Wish;
using http::Access;
using http::Request;
using http::Response;
using store::Reader;

namespace {

constexpr int events_shown = 1000;
constexpr int page_size = 30;

std::string path_of(deployment::DeploymentId id, std::string_view rest = {}) {
  return "/deployments/" + std::to_string(id.value) + std::string(rest);
}

Response login_page(int status, std::string_view problem) {
  Html main;
  main.raw("<h1>Log in</h1>");
  if (!problem.empty()) main.raw("<p class=\"bad\" role=\"alert\">").text(problem).raw("</p>");
  main.raw(
      "<form method=\"post\" action=\"/login\" class=\"card\"><label>Token, as <code>sluice token create</code> printed it"
      "<input type=\"password\" name=\"token\" autocomplete=\"current-password\" required autofocus></label>"
      "<div class=\"buttons\"><button class=\"yes\">Log in</button></div></form>");
  return page_answer(status, "Log in", main, {});
}

bool is_loopback(std::string_view peer) { return peer.starts_with("127.") || peer == "::1"; }

Answer log_in(Guard& guard, Request request) {
  if (is_of_another_site(request)) co_return page_failure({Errc::denied, "the login form of another site"});
  if (!request.secure && !is_loopback(request.peer))
    co_return login_page(403, "Your token would travel in clear: use https, or a browser on the machine itself.");
  auto cookie = co_await guard.log_in(request, http::form_value(request.body, "token").value_or(""));
  if (!cookie && cookie.error().code == Errc::conflict)
    co_return login_page(429, "Too many failed logins. Try again in ten minutes.");
  if (!cookie) co_return login_page(401, "This token is not valid.");
  Response response = redirect("/");
  const std::string secure = request.secure ? "; Secure" : "";
  response.fields.push_back(
      {"Set-Cookie", std::string(cookie_name(request.secure)) + "=" + *cookie + "; Path=/; HttpOnly; SameSite=Strict" + secure});
  co_return response;
}

Answer log_out(Guard& guard, Request request) {
  if (is_of_another_site(request)) co_return page_failure({Errc::denied, "the button of another site"});
  guard.log_out(request.caller->session);
  co_return redirect("/login");
}

Html environment_card(const std::string& name, const store::EnvironmentStatus& status) {
  Html out;
  out.raw("<div class=\"card\"><strong>").text(name).raw("</strong>");
  if (status.lock) out.raw(" <span class=\"warn\">locked: ").text(status.lock->reason).raw("</span>");
  out.raw("<div class=\"soft\">");
  if (status.running)
    out.raw("deploying #").number(status.running->id.value);
  else if (status.current) {
    out.raw("runs <code>").text(std::string_view(status.current->commit).substr(0, 8)).raw("</code> since ");
    out.add(time_mark(status.current->finished.value_or(status.current->changed)));
  } else
    out.raw("nothing deployed yet");
  out.raw("</div></div>");
  return out;
}

Answer show_list(const World& world, Request request) {
  const auto& person = request.caller->person;
  Html main;
  main.raw("<h1>Deployments</h1><div class=\"grid\">");
  const auto config = world.config();
  for (const auto& [name, environment] : config->environments) {
    if (!may_see(person, name)) continue;
    auto status = co_await world.store.read(&Reader::environment, name);
    if (!status) co_return page_failure(status.error());
    main.add(environment_card(name, *status));
  }
  main.raw("</div>");

  auto waiting = co_await world.store.read(&Reader::in_state, State::awaiting_approval);
  if (!waiting) co_return page_failure(waiting.error());
  std::erase_if(*waiting, [&](const store::Deployment& one) { return !may_see(person, one.environment); });
  if (!waiting->empty())
    main.raw("<h2>Waiting for a decision</h2><div class=\"card\">").add(deployments_list(*waiting)).raw("</div>");

  store::DeploymentFilter filter;
  filter.limit = page_size;
  auto cursor = number_parameter(request, "cursor", 0, 0, std::numeric_limits<std::int64_t>::max());
  if (!cursor) co_return page_failure(cursor.error());
  if (*cursor > 0) filter.before = deployment::DeploymentId{*cursor};
  auto page = co_await world.store.read(&Reader::deployments, filter);
  if (!page) co_return page_failure(page.error());
  std::erase_if(page->items, [&](const store::Deployment& one) { return !may_see(person, one.environment); });
  main.raw("<h2>History</h2><div class=\"card\">").add(deployments_list(page->items)).raw("</div>");
  if (page->next) main.raw("<p><a href=\"/?cursor=").number(page->next->value).raw("\">Older</a></p>");
  co_return page_answer(200, "Deployments", main, person.name);
}

/// Everything that one deployment's page shows.
struct View {
  store::Deployment one;
  std::optional<store::Plan> plan;
  std::vector<store::Decision> decisions;
  std::vector<store::Event> events;
  Result<> may_approve = Result<>();
  std::optional<deployment::Protection> rules;
};

asio::awaitable<Result<View>> view_of(const World& world, std::shared_ptr<const http::Caller> caller,
                                      deployment::DeploymentId id) {
  auto found = co_await visible_deployment(world, caller, id);
  if (!found) co_return std::move(found).error();
  View view{.one = std::move(*found), .plan = {}, .decisions = {}, .events = {}, .rules = {}};
  auto in_force = co_await world.store.read(&Reader::plan, id);
  auto rules = rules_of(world, view.one.environment, in_force ? &*in_force : nullptr);
  if (rules) view.rules = *rules;
  auto read = [id, caller, rules, view](const Reader& reader) -> Result<View> {
    View all = view;
    if (auto plan = reader.plan(id)) all.plan = std::move(*plan);
    if (auto decisions = reader.decisions(id)) all.decisions = std::move(*decisions);
    if (auto events = reader.events(id, 0, events_shown)) all.events = std::move(*events);
    all.may_approve = rules ? reader.may_approve(id, caller->person, *rules) : Result<>(rules.error());
    return all;
  };
  co_return co_await world.store.read(std::move(read));
}

void add_fact(Html& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.raw("<dt>").text(name).raw("</dt><dd>").text(value).raw("</dd>");
}

Html facts(const store::Deployment& one) {
  Html out;
  out.raw("<dl class=\"card\"><dt>State</dt><dd>").add(state_mark(one.state)).raw("</dd>");
  if (one.state != State::awaiting_approval) add_fact(out, "Why", one.reason);  // it would say no more than the decision's form
  add_fact(out, "Repository", one.repository);
  add_fact(out, "Environment", one.environment);
  add_fact(out, "Cluster", one.cluster);
  add_fact(out, "Ref", one.ref);
  add_fact(out, "Commit", one.commit);
  add_fact(out, "Asked for by", one.initiator.name + " (" + one.trigger + ")");
  out.raw("<dt>Created</dt><dd>").add(time_mark(one.created)).raw("</dd>");
  if (one.finished) out.raw("<dt>Finished</dt><dd>").add(time_mark(*one.finished)).raw("</dd>");
  out.raw("</dl>");
  return out;
}

Html form_start(deployment::DeploymentId id, const std::string& form_token, std::string_view digest) {
  Html out;
  out.raw("<form method=\"post\" action=\"")
      .text(path_of(id, "/decision"))
      .raw("\"><input type=\"hidden\" name=\"form_token\" value=\"");
  out.text(form_token).raw("\"><input type=\"hidden\" name=\"digest\" value=\"").text(digest).raw("\">");
  return out;
}

/// A choice of releases to leave out, where there is one.
Html hold_choice(const store::Plan& plan) {
  Html out;
  const auto releases = releases_of(plan);
  if (releases.size() < 2) return out;
  out.raw("<fieldset><legend>Hold back (not pushed now)</legend>");
  for (const std::string& release : releases)
    out.raw("<label class=\"choice\"><input type=\"checkbox\" name=\"hold\" value=\"").text(release).raw("\"> ").text(release).raw("</label>");
  out.raw("</fieldset>");
  return out;
}

Html decision_form(const View& view, const std::string& form_token) {
  const auto& one = view.one;
  Html out;
  out.raw("<h2 id=\"decision\">Decision</h2><div class=\"card\"><p>Deploy <code>")
      .text(std::string_view(one.commit).substr(0, 12))
      .raw("</code> to <strong>");
  out.text(one.environment).raw("</strong> on cluster <strong>").text(one.cluster).raw("</strong>: plan <code>");
  out.text(std::string_view(view.plan->digest).substr(0, 12))
      .raw("</code>, to be decided by ")
      .add(time_mark(view.plan->expires));
  out.raw("</p>").add(plan_counts(*view.plan));
  if (view.plan->diff_was_cut)
    out.raw("<p class=\"bad\">The whole diff is too large to be shown, so this plan cannot be approved.</p>");
  if (!view.may_approve) {
    out.raw("<p class=\"soft\">You cannot decide: ").text(view.may_approve.error().what).raw("</p></div>");
    return out;
  }
  out.add(form_start(one.id, form_token, view.plan->digest));
  if (!view.plan->diff_was_cut) out.add(hold_choice(*view.plan));
  out.raw("<label>Comment<textarea name=\"comment\" rows=\"2\" maxlength=\"4000\"></textarea></label><div class=\"buttons\">");
  if (!view.plan->diff_was_cut) out.raw("<button class=\"yes\" name=\"decision\" value=\"approve\">Approve this plan</button>");
  out.raw("<button class=\"no\" name=\"decision\" value=\"reject\">Reject</button></div></form></div>");
  return out;
}

Html operator_form(const View& view, const std::string& form_token) {
  Html out;
  const bool final = deployment::is_final(view.one.state);
  out.add(form_start(view.one.id, form_token, view.one.digest)).raw("<div class=\"buttons\">");
  if (!final)
    out.raw("<button name=\"decision\" value=\"cancel\">Cancel</button>");
  if (final && view.one.state != State::succeeded) out.raw("<button name=\"decision\" value=\"retry\">Deploy this commit again</button>");
  if (view.one.state == State::succeeded) out.raw("<button name=\"decision\" value=\"rollback\">Roll back to this</button>");
  out.raw("</div></form>");
  return out;
}

Html decisions_list(const View& view) {
  Html out;
  if (view.decisions.empty()) return out;
  out.raw("<h2>Decisions</h2><div class=\"card\">");
  for (const auto& each : view.decisions) {
    out.raw("<p><strong>").text(to_string(each.wish)).raw("</strong> by ").text(each.by.name).raw(" <span class=\"soft\">");
    out.add(time_mark(each.at)).raw("</span> ").text(each.comment);
    for (const std::string& held : each.hold) out.raw(" <span class=\"warn\">without ").text(held).raw("</span>");
    out.raw("</p>");
  }
  out.raw("</div>");
  return out;
}

Html log_view(const View& view) {
  Html out;
  const auto last = view.events.empty() ? std::int64_t{0} : view.events.back().sequence;
  out.raw("<h2>Log</h2><pre id=\"log\" tabindex=\"0\" aria-live=\"polite\" data-after=\"").number(last).raw("\" data-state=\"");
  out.text(to_string(view.one.state)).raw("\" data-events=\"");
  if (!deployment::is_final(view.one.state)) out.text(path_of(view.one.id, "/events"));
  out.raw("\">");
  for (const auto& event : view.events) {
    out.text(to_rfc3339(event.at).substr(11, 8)).raw("  ").text(event.kind).raw("  ").text(event.text).raw("\n");
  }
  out.raw("</pre>");
  return out;
}

Answer show_one(const World& world, Guard& guard, Request request) {
  auto id = id_of(request);
  if (!id) co_return page_failure(id.error());
  auto view = co_await view_of(world, request.caller, *id);
  if (!view) co_return page_failure(view.error());
  const std::string form_token = guard.form_token(request.caller->session);
  const auto& one = view->one;
  Html main;
  main.raw("<h1>#").number(one.id.value).raw(" ").text(one.title.empty() ? one.ref : one.title).raw("</h1>").add(facts(one));
  const bool waits = one.state == State::awaiting_approval && view->plan;
  if (waits) main.raw("<p>Read what it would change, then <a href=\"#decision\">decide</a>.</p>");
  if (view->plan)
    main.raw("<h2>Plan</h2>").add(plan_counts(*view->plan)).add(diff_view(*view->plan, path_of(one.id, "/diff.txt")));
  if (waits) main.add(decision_form(*view, form_token));
  if (has_role(request.caller->person, deployment::Role::operator_)) main.add(operator_form(*view, form_token));
  main.add(decisions_list(*view));
  main.add(log_view(*view));
  co_return page_answer(200, "#" + std::to_string(one.id.value) + " " + one.environment, main, request.caller->person.name);
}

Answer show_diff_text(const World& world, Request request) {
  auto id = id_of(request);
  if (!id) co_return page_failure(id.error());
  auto view = co_await view_of(world, request.caller, *id);
  if (!view) co_return page_failure(view.error());
  if (!view->plan) co_return page_failure({Errc::not_found, "there is no plan yet"});
  co_return Response{.content_type = "text/plain; charset=utf-8", .body = std::move(view->plan->diff_text)};
}

Answer follow(const World& world, Request request) {
  auto id = id_of(request);
  if (!id) co_return page_failure(id.error());
  auto found = co_await visible_deployment(world, request.caller, *id);
  if (!found) co_return page_failure(found.error());
  if (const auto last = request.field("Last-Event-ID")) request.query = "after=" + std::string(*last);
  auto after = number_parameter(request, "after", 0, 0, std::numeric_limits<std::int64_t>::max());
  if (!after) co_return page_failure(after.error());
  co_return event_stream(world, *id, *after);
}

asio::awaitable<Result<deployment::DeploymentId>> start_again(const World& world, Request request, deployment::DeploymentId id,
                                                              bool back) {
  if (!request.caller->has(Access::operator_)) co_return Error{Errc::denied, "not-permitted: this needs the role operator"};
  auto found = co_await visible_deployment(world, request.caller, id);
  if (!found) co_return std::move(found).error();
  const auto how = back ? &store::Writer::rollback_to : &store::Writer::retry;
  auto made = co_await world.store.write(how, id, request.caller->person);
  if (!made) co_return std::move(made).error();
  if (world.wake) world.wake();
  co_return made->id;
}

Answer take_decision(const World& world, Guard& guard, Request request) {
  auto id = id_of(request);
  if (!id) co_return page_failure(id.error());
  const auto type = request.field("Content-Type").value_or("");
  if (!http::same_name(type.substr(0, type.find(';')), "application/x-www-form-urlencoded"))
    co_return page_failure({Errc::invalid, "the decision must come as a form"});
  const auto value = [&request](std::string_view name) { return http::form_value(request.body, name).value_or(""); };
  if (!guard.is_our_form(request, value("form_token")))
    co_return page_failure({Errc::denied, "this form is out of date, or not from this page"});
  const std::string decision = value("decision");
  if (decision == "retry" || decision == "rollback") {
    auto made = co_await start_again(world, std::move(request), *id, decision == "rollback");
    if (!made) co_return page_failure(made.error());
    co_return redirect(path_of(*made));
  }
  DecisionInput input{.id = *id, .digest = value("digest"), .comment = value("comment"), .hold = http::form_values(request.body, "hold")};
  if (decision == "approve")
    input.wish = Wish::approve;
  else if (decision == "reject")
    input.wish = Wish::reject;
  else if (decision == "cancel")
    input.wish = Wish::cancel;
  else
    co_return page_failure({Errc::invalid, "the form has no decision"});
  AlsoWrite nothing_else;
  auto decided = co_await submit_decision(world, request.caller, std::move(input), std::move(nothing_else));
  if (!decided) co_return page_failure(decided.error());
  co_return redirect(path_of(*id));
}

Answer asset(const char* type, std::string_view text) {
  co_return Response{.content_type = type, .body = std::string(text), .fields = {{"Cache-Control", "no-cache"}}};
}

}  // namespace

void add_page(http::Router& router, const World& world, Guard& guard) {
  auto add = [&router](const char* method, const char* pattern, Access access, std::function<Answer(Request)> handle) {
    http::Route route;
    route.method = method;
    route.pattern = pattern;
    route.access = access;
    route.body_limit = 16 * 1024;
    route.handle = std::move(handle);
    router.add(std::move(route));
  };
  add("GET", "/login", Access::open, [](Request) -> Answer { co_return login_page(200, {}); });
  add("POST", "/login", Access::open, [&guard](Request request) { return log_in(guard, std::move(request)); });
  add("POST", "/logout", Access::session, [&guard](Request request) { return log_out(guard, std::move(request)); });
  add("GET", "/", Access::session, [&world](Request request) { return show_list(world, std::move(request)); });
  add("GET", "/drift", Access::session, [&](Request request) { return show_drift_page(world, guard, std::move(request)); });
  add("GET", "/deployments/{id}", Access::session, [&](Request request) { return show_one(world, guard, std::move(request)); });
  add("GET", "/deployments/{id}/diff.txt", Access::session,
      [&world](Request request) { return show_diff_text(world, std::move(request)); });
  add("GET", "/deployments/{id}/events", Access::session,
      [&world](Request request) { return follow(world, std::move(request)); });
  add("POST", "/deployments/{id}/decision", Access::session,
      [&](Request request) { return take_decision(world, guard, std::move(request)); });
  add("GET", "/assets/style.css", Access::open, [](Request) { return asset("text/css; charset=utf-8", page_style); });
  add("GET", "/assets/icon.svg", Access::open, [](Request) { return asset("image/svg+xml", page_icon); });
  add("GET", "/assets/page.js", Access::open, [](Request) { return asset("text/javascript; charset=utf-8", page_script); });
}

}  // namespace sluice::api
