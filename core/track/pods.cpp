#include "core/track/pods.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace sluice::track {

using plan::find_path;
using plan::int_at;
using plan::Json;
using plan::text_at;
using std::chrono::seconds;

namespace {

struct WaitingReason {
  std::string_view reason;
  seconds grace;
};
constexpr std::array<WaitingReason, 12> waiting_reasons = {{{"ErrImagePull", seconds(60)},
                                                            {"ImagePullBackOff", seconds(60)},
                                                            {"RegistryUnavailable", seconds(60)},
                                                            {"ImageInspectError", seconds(60)},
                                                            {"SignatureValidationFailed", seconds(60)},
                                                            {"InvalidImageName", seconds(15)},
                                                            {"ErrImageNeverPull", seconds(15)},
                                                            {"CreateContainerConfigError", seconds(30)},
                                                            {"RunContainerError", seconds(30)},
                                                            {"CreateContainerError", seconds(30)},
                                                            {"PreCreateHookError", seconds(30)},
                                                            {"PostStartHookError", seconds(30)}}};

const Json& list_at(const Json& json, std::string_view path) {
  static const Json none = Json::array();
  const Json* found = find_path(json, path);
  return found && found->is_array() ? *found : none;
}

void look_at_container(const Json& pod, const Json& status, std::vector<Trouble>& out) {
  Trouble trouble{text_at(pod, "metadata/name"), text_at(status, "name"), text_at(status, "state/waiting/reason"),
                  text_at(status, "state/waiting/message").substr(0, 500)};
  if (trouble.reason == "CrashLoopBackOff") {
    // one restart may heal a race at start; a second one shows that it does not
    trouble.crashed = true;
    trouble.grace = int_at(status, "restartCount", 0) >= 2 ? seconds(0) : seconds(30);
    const auto last = text_at(status, "lastState/terminated/reason");
    const auto code = int_at(status, "lastState/terminated/exitCode", -1);
    if (!last.empty()) trouble.message = "last ended with " + last + (code >= 0 ? ", exit code " + std::to_string(code) : "");
    out.push_back(std::move(trouble));
    return;
  }
  for (const auto& known : waiting_reasons) {
    if (known.reason != trouble.reason) continue;
    trouble.grace = known.grace;
    out.push_back(std::move(trouble));
    return;
  }
}

}  // namespace

std::string Trouble::text() const {
  std::string out = "pod " + pod;
  if (!container.empty()) out += ", container " + container;
  out += ": " + reason;
  if (!message.empty()) out += ": " + message;
  return out;
}

std::vector<Trouble> troubles(const Json& pod) {
  std::vector<Trouble> out;
  if (!text_at(pod, "metadata/deletionTimestamp").empty()) return out;
  for (const char* path : {"status/initContainerStatuses", "status/containerStatuses"}) {
    for (const auto& status : list_at(pod, path)) look_at_container(pod, status, out);
  }
  for (const auto& condition : list_at(pod, "status/conditions")) {
    const bool unscheduled = text_at(condition, "type") == "PodScheduled" && text_at(condition, "status") == "False";
    if (!unscheduled || text_at(condition, "reason") != "Unschedulable") continue;
    out.push_back(
        {text_at(pod, "metadata/name"), "", "Unschedulable", text_at(condition, "message").substr(0, 500), seconds(90)});
  }
  std::stable_sort(out.begin(), out.end(), [](const Trouble& a, const Trouble& b) { return a.grace < b.grace; });
  return out;
}

bool is_selected(const Json& pod, const Json& workload) {
  const Json* wanted = find_path(workload, "spec/selector/matchLabels");
  if (!wanted || !wanted->is_object() || wanted->empty()) return false;
  const Json* labels = find_path(pod, "metadata/labels");
  return labels && std::all_of(wanted->items().begin(), wanted->items().end(), [&](const auto& entry) {
           const auto found = labels->find(entry.key());
           return found != labels->end() && *found == entry.value();
         });
}

bool is_owned_by(const Json& object, std::string_view uid) {
  const auto& owners = list_at(object, "metadata/ownerReferences");
  return std::any_of(owners.begin(), owners.end(), [&](const Json& owner) { return text_at(owner, "uid") == uid; });
}

std::string event_text(const Json& event) {
  const auto count = std::max(int_at(event, "count", 0), int_at(event, "series/count", 0));
  return text_at(event, "reason") + ": " + text_at(event, "message").substr(0, 500) +
         (count > 1 ? " (x" + std::to_string(count) + ")" : "");
}

std::string event_time(const Json& event) {
  std::string latest;
  for (const char* path : {"series/lastObservedTime", "lastTimestamp", "eventTime", "metadata/creationTimestamp"})
    latest = std::max(latest, text_at(event, path).substr(0, 19));
  return latest;
}

}  // namespace sluice::track
