#include "server/worker/sender.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/plan/merge_keys.hpp"
#include "core/plan/patch.hpp"
#include "server/base/failpoint.hpp"
#include "server/worker/wait.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Action;
using plan::Json;
using plan::Verb;

namespace {

constexpr auto deletion_limit = std::chrono::seconds(300);

std::string doing(const Action& action) { return std::string(plan::to_string(action.verb)) + " " + plan::to_string(action.id); }

/// Somebody else's change stands in the way; planning again helps.
Error in_the_way(const Action& action, std::string what) {
  return {Errc::conflict, doing(action) + ": apply-conflict: " + std::move(what)};
}

}  // namespace

Error refusal_of(const kube::Refusal& refusal, std::string_view doing_what) {
  std::string said(doing_what);
  const bool has_its_own_code = refusal.code == 401 || refusal.code == 403 || refusal.is_transient();
  if (!has_its_own_code) said += refusal.code == 409 || refusal.code == 410 ? ": apply-conflict" : ": apply-rejected";
  return to_error(refusal, said);
}

void Sender::note(Note::Level level, std::string text) const {
  if (request_.note) request_.note({level, release_, std::move(text)});
}

std::string Sender::made(const std::string& object_path) const {
  const auto found = made_.find(object_path);
  return found == made_.end() ? std::string() : found->second;
}

std::optional<JournalPast> Sender::past(std::string step, int number) const {
  if (request_.resume == Resume::no || !request_.journal.past) return std::nullopt;
  return request_.journal.past({release_, prefix_ + step, number, "", ""});
}

asio::awaitable<Result<>> Sender::journal(std::string step, int number, std::string verb, std::string object) {
  if (!request_.journal.sending) co_return Result<>();
  JournalEntry entry{release_, prefix_ + step, number, std::move(verb), std::move(object)};
  auto written = co_await request_.journal.sending(std::move(entry));
  co_return written;
}

asio::awaitable<Result<>> Sender::confirm(std::string step, int number, std::string verb, std::string object) {
  if (!request_.journal.confirmed) co_return Result<>();
  JournalEntry entry{release_, prefix_ + step, number, std::move(verb), std::move(object)};
  auto written = co_await request_.journal.confirmed(std::move(entry), "", "");
  co_return written;
}

asio::awaitable<Result<>> Sender::send(std::string step, int number, const Action& action) {
  if (action.verb == Verb::unchanged) co_return Result<>();
  const auto before = past(step, number);
  if (before && before->confirmed && action.verb == Verb::create && !before->uid.empty()) made_[action.object_path] = before->uid;
  const JournalEntry entry{release_, prefix_ + step, number, std::string(plan::to_string(action.verb)),
                           plan::to_string(action.id)};
  if (request_.journal.sending) {
    auto written = co_await request_.journal.sending(entry);
    if (!written) co_return std::move(written).error();
  }
  if (auto planted = failpoint("deploy.before_object")) co_return *planted;
  auto done = co_await perform(action);
  if (!done) co_return std::move(done).error();
  if (auto planted = failpoint("deploy.after_object")) co_return *planted;
  if (request_.journal.confirmed) {
    // the uid of what somebody else created in the meantime is not kept: a run that goes on from here must not take it for ours
    const bool theirs = action.verb == Verb::create && made(action.object_path) != done->uid;
    const std::string uid = theirs ? std::string() : done->uid;
    auto written = co_await request_.journal.confirmed(entry, uid, done->resource_version);
    if (!written) co_return std::move(written).error();
  }
  if (auto planted = failpoint("deploy.journaled")) co_return *planted;
  changed_.push_back(entry.verb + " " + entry.object);
  note(Note::Level::info, entry.object + ": " + (action.verb == Verb::remove ? "deleted" : entry.verb + "d"));
  co_return Result<>();
}

asio::awaitable<Result<Sender::Done>> Sender::perform(const Action& action) {
  switch (action.verb) {
    case Verb::create: return create(action, action.path, action.body);
    case Verb::update: return update(action);
    case Verb::replace: return replace(action);
    case Verb::remove:
    case Verb::unchanged: break;
  }
  return remove(action);
}

namespace {

Result<Json> object_of(const kube::Answer& answer, const Action& action) {
  auto json = plan::parse_json(answer.text);
  if (!json) return std::move(json).error().during(doing(action));
  if (!plan::text_at(*json, "metadata/deletionTimestamp").empty())
    return in_the_way(action, "the object is being deleted");
  return json;
}

}  // namespace

asio::awaitable<Result<Sender::Done>> Sender::look(const Action& action, Error otherwise) {
  auto found = co_await cluster_.find(action.object_path);
  if (!found || !*found) co_return otherwise;
  // on its way out it may look as wanted, and nobody would make it again
  if (!plan::text_at(**found, "metadata/deletionTimestamp").empty()) co_return in_the_way(action, "the object is being deleted");
  auto wanted = plan::parse_json(action.wanted);
  if (!wanted) co_return otherwise;
  static const Json none = Json::object();
  const plan::ThreeWay versions{none, *wanted, **found};
  Json rest = plan::is_built_in(action.id.group, action.id.kind) ? plan::strategic_patch(action.id.kind, versions)
                                                                 : plan::json_patch(versions);
  rest.erase("apiVersion");
  if (!rest.empty() && action.id.kind != "Namespace") co_return otherwise;
  co_return Done{plan::text_at(**found, "metadata/uid"), plan::text_at(**found, "metadata/resourceVersion")};
}

asio::awaitable<Result<Sender::Done>> Sender::create(const Action& action, std::string path, std::string body) {
  for (int attempt = 0;; ++attempt) {
    kube::Call call;
    call.method = "POST";
    call.path = path;
    call.content_type = action.content_type;
    call.body = body;
    auto answer = co_await cluster_.ask(std::move(call));
    if (answer && !answer->refusal) {
      auto object = object_of(*answer, action);
      if (!object) co_return std::move(object).error();
      made_[action.object_path] = plan::text_at(*object, "metadata/uid");
      co_return Done{plan::text_at(*object, "metadata/uid"), plan::text_at(*object, "metadata/resourceVersion")};
    }
    Error failure = answer ? refusal_of(*answer->refusal, doing(action)) : std::move(answer).error().during(doing(action));
    const bool exists = answer && answer->refusal->already_exists();
    const bool unknown = !answer || answer->refusal->is_transient();
    if (!exists && !unknown) co_return failure;
    // the reply may have been lost after the object was made: what is there tells
    auto found = co_await look(action, failure);
    if (found || exists || attempt >= 3) co_return found;
  }
}

asio::awaitable<Result<Sender::Done>> Sender::update(const Action& action) {
  kube::Call call;
  call.method = action.method;
  call.path = action.path;
  call.content_type = action.content_type;
  call.body = action.body;
  call.repeat = kube::Repeat::safe;  // a merge patch that names the uid does no more the second time
  auto answer = co_await cluster_.ask(std::move(call));
  if (!answer) co_return std::move(answer).error().during(doing(action));
  if (answer->refusal) {
    if (answer->refusal->is_not_found()) co_return in_the_way(action, "the object is gone");
    const auto is_uid = [](const kube::Refusal::Cause& cause) { return cause.field == "metadata.uid"; };
    if (std::ranges::any_of(answer->refusal->causes, is_uid)) co_return in_the_way(action, "another object has taken its name");
    co_return refusal_of(*answer->refusal, doing(action));
  }
  auto object = object_of(*answer, action);
  if (!object) co_return std::move(object).error();
  co_return Done{plan::text_at(*object, "metadata/uid"), plan::text_at(*object, "metadata/resourceVersion")};
}

asio::awaitable<Result<Sender::Done>> Sender::remove(const Action& action) {
  kube::Call call;
  call.method = "DELETE";
  call.path = action.object_path;
  call.content_type = "application/json";
  call.body = action.body;
  call.repeat = kube::Repeat::safe;  // the body names the uid
  auto answer = co_await cluster_.ask(std::move(call));
  if (!answer) co_return std::move(answer).error().during(doing(action));
  if (answer->refusal && !answer->refusal->is_not_found()) {
    if (answer->refusal->code == 409) co_return in_the_way(action, "another object has taken its name");
    co_return refusal_of(*answer->refusal, doing(action));
  }
  co_return Done{action.live.uid, ""};
}

asio::awaitable<Result<Sender::Done>> Sender::replace(const Action& action) {
  auto removed = co_await remove(action);
  if (!removed && removed.error().code == Errc::conflict) {
    // after a crash in the middle, the new object may be there already
    auto error = removed.error();
    auto found = co_await look(action, std::move(error));
    co_return found;
  }
  if (!removed) co_return std::move(removed).error();
  auto gone = co_await wait_until_gone(cluster_, action.object_path, action.live.uid, deletion_limit);
  if (!gone) co_return std::move(gone).error().during(doing(action));
  auto created = co_await create(action, action.create_path, action.create_body);
  co_return created;
}

}  // namespace sluice::worker
