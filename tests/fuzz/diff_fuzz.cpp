// Reads bytes as three objects in JSON, one a line: of the last release, wanted now, live. What is asked of the server and what is shown
// must come out the same twice; the merge patch must lead to a state in which nothing is left to do.

#include <nlohmann/json.hpp>
#include <string>

#include "core/plan/diff.hpp"
#include "core/plan/drift.hpp"
#include "core/plan/managed_fields.hpp"
#include "core/plan/manifest.hpp"
#include "core/plan/mask.hpp"
#include "core/plan/patch.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sluice;
using fuzz::must;
using plan::Json;

void show(const Json& before, const Json& after, std::vector<plan::Change> changes) {
  plan::ObjectDiff object{.verb = plan::Verb::update, .id = plan::id_of(after, "shop"), .source = "x", .before = before, .after = after, .changes = std::move(changes), .notes = {}};
  plan::Diff diff;
  diff.releases.push_back({.release = "web", .namespace_ = "shop", .operation = "upgrade", .chart = "web-1", .revision = 2, .objects = {std::move(object)}, .notes = {}});
  const auto text = plan::to_text(diff, {});
  must(text == plan::to_text(diff, {}));
  must(plan::to_text(diff, {.max_bytes = 100}).size() <= 400);
  (void)plan::to_json(diff).dump();
  (void)plan::drift_text(diff, plan::Colour::no);
  (void)plan::drift_json(diff).dump();
  (void)diff.is_image_only();
  (void)diff.data_losses();
}

void compare(const Json& original, const Json& modified, const Json& live) {
  const plan::ThreeWay versions{original, modified, live};
  for (const char* kind : {"Deployment", "Service", "Secret", "Thing"}) (void)plan::strategic_patch(kind, versions);
  Json patched = live;
  patched.merge_patch(plan::json_patch(versions));
  must(plan::json_patch({original, modified, patched}) == Json::object());
  auto changes = plan::changes_between(live, modified);
  must(plan::changes_between(modified, modified).empty());
  plan::attribute(changes, original, modified);
  for (const auto& change : changes) (void)plan::manager_of(live, change.path);
  Json masked = modified;
  plan::Masker(Secret("key"), "shop/web").mask(masked, plan::id_of(modified, "shop"), {});
  show(live, masked, std::move(changes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  for (const auto& glimpse : plan::glimpse(text)) (void)glimpse;
  (void)plan::split_manifest(text);
  const auto [first, rest] = fuzz::cut(text, "\n");
  const auto [second, third] = fuzz::cut(rest, "\n");
  const auto original = plan::parse_json(first, 64), modified = plan::parse_json(second, 64), live = plan::parse_json(third, 64);
  if (!original || !modified || !live || !original->is_object() || !modified->is_object() || !live->is_object()) return 0;
  compare(*original, *modified, *live);
  return 0;
}
