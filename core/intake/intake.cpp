#include "core/intake/intake.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/intake/json.hpp"
#include "core/intake/payload.hpp"

namespace sluice::intake {

namespace {

constexpr std::string_view branches = "refs/heads/";
constexpr std::string_view tags = "refs/tags/";

/// What an event means, whatever the rules say about it.
struct Event {
  std::string key;
  std::string ref;
  std::string commit;
  std::string title;
  std::string reason;  ///< set when it can never ask for anything
  /// Whether the rule, which is for this kind of event, asks for a deployment.
  std::function<bool(const Rule&, std::string_view environment)> fits;
};

std::string condition(const Rule& rule, std::string_view name, std::string_view otherwise = {}) {
  const auto found = rule.conditions.find(std::string(name));
  return found == rule.conditions.end() ? std::string(otherwise) : found->second;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool wants_to_be_skipped(const std::string& message) {
  constexpr std::array<std::string_view, 6> words = {"[skip ci]",      "[ci skip]",      "[no ci]",
                                                     "[skip actions]", "[actions skip]", "[skip deploy]"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return message.find(word) != std::string::npos; });
}

/// Whether the rule's branch and tag patterns take `ref`. Without either, any branch and no tag.
bool takes_ref(const Rule& rule, const std::string& ref, Matches matches) {
  const std::string branch = condition(rule, "branch");
  const std::string tag = condition(rule, "tag");
  if (ref.starts_with(branches)) {
    if (branch.empty()) return tag.empty();
    return matches(branch, std::string_view(ref).substr(branches.size()));
  }
  return ref.starts_with(tags) && !tag.empty() && matches(tag, std::string_view(ref).substr(tags.size()));
}

std::string id_of(const Payload& payload) { return std::to_string(payload.object("repository").number("id")); }

Event read_push(const Payload& payload, Matches matches) {
  Event event;
  event.ref = payload.text("ref");
  const std::string after = payload.text("after");
  if (!is_object_id(after)) throw WrongShape{"after must be a full object id"};
  event.key = "push:" + id_of(payload) + ":" + event.ref + ":" + after;
  const bool is_tag = event.ref.starts_with(tags);
  if (!is_tag && !event.ref.starts_with(branches)) event.reason = "the ref is neither a branch nor a tag";
  const auto head = payload.optional_object("head_commit");
  // The object of an annotated tag is no commit; head_commit names the commit for both kinds of ref.
  event.commit = head && is_tag ? head->text("id") : after;
  if (!is_object_id(event.commit)) throw WrongShape{"head_commit.id must be a full object id"};
  const bool is_nothing = after.find_first_not_of('0') == std::string::npos;
  if (payload.flag("deleted") || is_nothing) event.reason = "the ref was deleted";
  if (event.reason.empty() && is_tag && !head) event.reason = "the tag is not on a commit";
  if (head) {
    const std::string message = head->optional_text("message");
    event.title = first_line(message);
    if (wants_to_be_skipped(message)) event.reason = "the commit message asks to skip it";
  }
  event.fits = [ref = event.ref, matches](const Rule& rule, std::string_view) { return takes_ref(rule, ref, matches); };
  return event;
}

/// A display name can be given to any other file, a path cannot; both are accepted, because whoever can add a workflow file
/// to the repository itself can change this one too.
bool is_workflow(const std::string& wanted, const std::string& name, std::string path) {
  if (wanted.empty()) return true;
  path = path.substr(0, path.find('@'));
  const bool is_file = wanted.ends_with(".yml") || wanted.ends_with(".yaml");
  if (!is_file) return wanted == name;
  return path == wanted || path == ".github/workflows/" + wanted;
}

Event read_workflow_run(const Payload& payload, Matches matches) {
  Event event;
  const Payload run = payload.object("workflow_run");
  const std::string action = payload.text("action");
  const std::string branch = run.optional_text("head_branch");
  event.commit = run.text("head_sha");
  if (!is_object_id(event.commit)) throw WrongShape{"workflow_run.head_sha must be a full object id"};
  event.key =
      "wfrun:" + id_of(payload) + ":" + std::to_string(run.number("id")) + ":" + std::to_string(run.number("run_attempt"));
  event.ref = std::string(branches) + branch;
  if (const auto head = run.optional_object("head_commit")) event.title = first_line(head->optional_text("message"));

  const auto source = run.optional_object("head_repository");
  const std::string cause = run.text("event");
  constexpr std::array<std::string_view, 4> trusted = {"push", "release", "workflow_dispatch", "schedule"};
  if (action != "completed")
    event.reason = "the workflow run has not completed";
  else if (branch.empty())
    event.reason = "the workflow run has no branch";
  else if (!source || source->number("id") != payload.object("repository").number("id"))
    event.reason = "the workflow ran for another repository's commit";
  else if (std::find(trusted.begin(), trusted.end(), cause) == trusted.end())
    event.reason = "the workflow ran for an event that outsiders can cause";

  event.fits = [ref = event.ref, matches, conclusion = run.optional_text("conclusion"), name = run.optional_text("name"),
                path = run.optional_text("path")](const Rule& rule, std::string_view) {
    return conclusion == condition(rule, "conclusion", "success") && is_workflow(condition(rule, "workflow"), name, path) &&
           takes_ref(rule, ref, matches);
  };
  return event;
}

Event read_release(const Payload& payload, Matches matches) {
  Event event;
  const Payload release = payload.object("release");
  const std::string tag = release.text("tag_name");
  event.ref = std::string(tags) + tag;
  event.title = first_line(release.optional_text("name"));
  event.key = "release:" + id_of(payload) + ":" + std::to_string(release.number("id"));
  if (release.flag("draft")) event.reason = "the release is a draft";
  event.fits = [tag, matches, action = payload.text("action")](const Rule& rule, std::string_view) {
    const std::string wanted = condition(rule, "tag");
    return action == condition(rule, "action", "published") && (wanted.empty() || matches(wanted, tag));
  };
  return event;
}

Event read_dispatch(const Payload& payload, const std::string& guid) {
  Event event;
  event.key = "disp:" + guid;
  std::string ref = payload.text("branch");
  std::string environment;
  if (const auto asked = payload.optional_object("client_payload")) {
    environment = asked->optional_text("environment");
    if (const auto given = asked->optional_text("ref"); !given.empty()) ref = given;
  }
  event.ref = ref.starts_with("refs/") ? ref : std::string(branches) + ref;
  event.fits = [environment, type = payload.text("action")](const Rule& rule, std::string_view target) {
    return type == condition(rule, "type", "sluice-deploy") && (environment.empty() || environment == target);
  };
  return event;
}

/// `package` and `registry_package` are one event under two names.
Event read_package(const Payload& payload, std::string_view member) {
  Event event;
  const Payload package = payload.object(member);
  const Payload version = package.object("package_version");
  std::string tag;
  if (const auto container = version.optional_object("container_metadata"))
    if (const auto named = container->optional_object("tag")) tag = named->optional_text("name");
  event.key = "pkg:" + std::to_string(package.number("id")) + ":" + std::to_string(version.number("id")) + ":" + tag;
  event.ref = std::string(branches) + payload.object("repository").text("default_branch");
  if (tag.empty()) event.reason = "the package version has no tag";
  event.fits = [name = package.text("name"), action = payload.text("action")](const Rule& rule, std::string_view) {
    const std::string wanted = condition(rule, "package");
    const bool published = action == "published" || action == "updated";
    return published && (wanted.empty() || wanted == name);
  };
  return event;
}

/// nothing for events that are not used.
std::optional<Event> read_event(const Delivery& delivery, const Payload& payload, Matches matches) {
  if (delivery.event == "push") return read_push(payload, matches);
  if (delivery.event == "workflow_run") return read_workflow_run(payload, matches);
  if (delivery.event == "release") return read_release(payload, matches);
  if (delivery.event == "repository_dispatch") return read_dispatch(payload, delivery.guid);
  if (delivery.event == "registry_package") return read_package(payload, "registry_package");
  if (delivery.event == "package") return read_package(payload, "package");
  return std::nullopt;
}

bool is_for(const Rule& rule, const std::string& event) {
  return rule.event == event || (rule.event == "registry_package" && event == "package");
}

void judge_ping(const Payload& payload, Verdict& verdict) {
  verdict.is_ping = true;
  payload.text("zen");
  const auto hook = payload.optional_object("hook");
  const auto config = hook ? hook->optional_object("config") : std::nullopt;
  if (!config) return;
  if (config->optional_text("content_type") != "json")
    verdict.warnings.push_back("the hook's content type is not application/json");
  if (config->optional_text("insecure_ssl") == "1") verdict.warnings.push_back("the hook does not verify our certificate");
}

Verdict judge_payload(const Delivery& delivery, const Payload& payload, const std::vector<Repository>& repositories,
                      Matches matches) {
  Verdict verdict;
  verdict.action = payload.optional_text("action");
  if (const auto sender = payload.optional_object("sender")) verdict.sender = {sender->text("login"), sender->number("id")};

  const Repository* ours = nullptr;
  if (const auto repository = payload.optional_object("repository")) {
    const std::string name = lower(repository->text("full_name"));
    for (const auto& each : repositories)
      if (lower(each.name) == name) ours = &each;
  }
  if (ours != nullptr) verdict.repository = ours->name;
  if (delivery.event == "ping") {
    judge_ping(payload, verdict);
    return verdict;
  }
  if (ours == nullptr) {
    verdict.reason = "repo-not-allowed: the repository is not configured";
    return verdict;
  }
  const auto event = read_event(delivery, payload, matches);
  if (!event) {
    verdict.reason = "the event is not used";
    return verdict;
  }
  verdict.reason = event->reason;
  if (!verdict.reason.empty()) return verdict;
  for (const auto& target : ours->targets) {
    const bool asked = std::any_of(target.on.begin(), target.on.end(), [&](const Rule& rule) {
      return is_for(rule, delivery.event) && event->fits(rule, target.environment);
    });
    if (asked) verdict.deployments.push_back({target.environment, event->ref, event->commit, event->title});
  }
  if (verdict.deployments.empty())
    verdict.reason = "no trigger rule asks for it";
  else
    verdict.trigger_key = event->key;
  return verdict;
}

}  // namespace

Result<Verdict> judge(const Delivery& delivery, const std::vector<Repository>& repositories, Matches matches) {
  auto body = read_json(delivery.body);
  if (!body) return std::move(body).error();
  try {
    return judge_payload(delivery, Payload(*body, ""), repositories, matches);
  } catch (const WrongShape& wrong) {
    return Error{Errc::invalid, "not the shape of a " + delivery.event + " event: " + wrong.what};
  }
}

}  // namespace sluice::intake
