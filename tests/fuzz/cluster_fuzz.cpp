// Reads bytes as what a cluster or its kubeconfig says, in every way that sluice looks at such answers. No text made of them may drive a
// terminal or quote the credentials that a kubeconfig holds.

#include <nlohmann/json.hpp>
#include <string>

#include "core/plan/clean.hpp"
#include "core/plan/release.hpp"
#include "core/track/pods.hpp"
#include "core/track/track.hpp"
#include "server/kube/discovery.hpp"
#include "server/kube/kubeconfig.hpp"
#include "server/kube/status.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sluice;
using fuzz::must;

constexpr std::string_view canary = "Zq7-canary";

/// Whether the credential stands once, as a user's token: not copied into an address or a name, which errors may quote.
bool is_in_its_place(std::string_view text) {
  const auto at = text.find(canary);
  return at != text.npos && text.find(canary, at + 1) == text.npos && text.substr(0, at).ends_with("\nusers: [{name: u, user: {token: ");
}

void discover(const plan::Json& answer) {
  for (const bool aggregated : {true, false}) {
    kube::Discovery discovery;
    if (!(aggregated ? discovery.add_aggregated(answer) : discovery.add_legacy(answer))) continue;
    (void)discovery.api_versions();
    (void)discovery.is_stale("apps");
    for (const char* name : {"secrets", "Deployment", "cm", "deployments.apps", "deployments.v1.apps", "x"})
      if (const auto* found = discovery.find_named(name)) (void)found->path("shop", "web");
  }
}

void look_at(const plan::Json& object) {
  (void)track::judge(object, track::Jobs::wait);
  (void)track::judge(object, track::Jobs::ignore);
  (void)track::judge_hook(object);
  for (const auto& trouble : track::troubles(object)) (void)trouble.text();
  (void)track::is_selected(object, object);
  (void)track::is_owned_by(object, "uid-1");
  (void)track::event_text(object);
  (void)track::event_time(object);
  must(plan::content_hash(object) == plan::content_hash(plan::clean(object)));
  must(plan::parse_json(plan::to_text(object)).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto access = kube::read_kubeconfig(text, {.folder = "/nowhere", .context = {}, .files = kube::FileReferences::refuse_outside_folder});
  if (!access && is_in_its_place(text)) must(access.error().what.find(canary) == std::string::npos);
  const auto refusal = kube::read_refusal(422, text);
  must(fuzz::has_no_control(refusal.message) && refusal.message.size() <= 700);
  (void)kube::to_error(refusal, "create it");
  must(fuzz::has_no_control(kube::redact(text)));
  (void)plan::decode_record(text, plan::RecordParts::all);
  const auto json = plan::parse_json(text);
  if (!json) return 0;
  discover(*json);
  look_at(*json);
  return 0;
}
