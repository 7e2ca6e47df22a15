#include "core/chart/manifests.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "core/chart/documents.hpp"
#include "core/chart/head.hpp"
#include "core/chart/runes.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

constexpr std::array event_names =
    std::to_array<std::string_view>({"pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade",
                                     "pre-rollback", "post-rollback", "test"});

std::optional<HookEvent> parse_event(std::string_view text) {
  if (text == "test-success") return HookEvent::test;
  const auto at = std::find(event_names.begin(), event_names.end(), text);
  if (at == event_names.end()) return {};
  return static_cast<HookEvent>(at - event_names.begin());
}

/// The items of a comma list, trimmed and in lower case.
std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> items;
  for (;;) {
    const std::size_t comma = list.find(',');
    std::string& item = items.emplace_back();
    for (std::string_view rest = trim_space(list.substr(0, comma)); !rest.empty();) append_rune(item, to_lower(take_rune(rest)));
    if (comma == list.npos) return items;
    list.remove_prefix(comma + 1);
  }
}

std::vector<std::string> listed_in(const Head& head, std::string_view annotation) {
  const auto at = head.annotations.find(annotation);
  return at == head.annotations.end() ? std::vector<std::string>() : split_list(at->second);
}

int hook_weight(const Head& head) {
  const auto at = head.annotations.find("helm.sh/hook-weight");
  const auto number = at == head.annotations.end() ? Parsed<std::int64_t>() : parse_int(at->second, 10);
  return static_cast<int>(std::clamp<std::int64_t>(number ? number.value : 0, INT32_MIN, INT32_MAX));
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

class Sorter {
 public:
  Sorter(HelmVersion helm, Rendered& rendered, Warnings& warnings) : helm_(helm), rendered_(rendered), warnings_(warnings) {}

  Result<> add(const RenderedFile& file) {
    const std::string_view whole = file.text;
    for (const std::string_view document : split_documents(whole, helm_)) {
      auto head = read_head(document, helm_);
      if (!head) return std::move(head).error().during("YAML parse error on " + file.name);
      const auto begin = static_cast<std::size_t>(document.data() - whole.data());
      add_document({.source = file.name,
                    .text = file.text.substr(begin, begin + document.size()),
                    .api_version = std::move(head->api_version),
                    .kind = std::move(head->kind),
                    .name = std::move(head->name),
                    .namespace_ = std::move(head->namespace_),
                    .traced = file.traced,
                    .traced_at = begin},
                   *head);
    }
    return {};
  }

 private:
  void add_document(Manifest manifest, const Head& head) {
    const auto events = head.annotations.find("helm.sh/hook");
    if (events == head.annotations.end()) {
      rendered_.manifests.push_back(std::move(manifest));
      return;
    }
    Hook hook;
    static_cast<Manifest&>(hook) = std::move(manifest);
    for (const std::string& name : split_list(events->second)) {
      const auto event = parse_event(name);
      if (!event) {
        warnings_.add("manifest_sorter.go:190", "info: skipping unknown hook: " + quoted(events->second),
                      "level=INFO msg=\"skipping unknown hooks\"" + log_field("hookTypes", events->second));
        return;
      }
      hook.events.push_back(*event);
    }
    hook.weight = hook_weight(head);
    hook.delete_policies = listed_in(head, "helm.sh/hook-delete-policy");
    hook.log_policies = listed_in(head, "helm.sh/hook-output-log-policy");
    rendered_.hooks.push_back(std::move(hook));
  }

  HelmVersion helm_;
  Rendered& rendered_;
  Warnings& warnings_;
};

}  // namespace

std::string_view to_string(HookEvent event) { return event_names[static_cast<std::size_t>(event)]; }

bool Hook::has_event(HookEvent event) const { return std::find(events.begin(), events.end(), event) != events.end(); }

Result<> sort_manifests(std::vector<RenderedFile> files, HelmVersion helm, Rendered& rendered, Warnings& warnings) {
  std::sort(files.begin(), files.end(), [](const RenderedFile& a, const RenderedFile& b) { return a.name < b.name; });
  Sorter sorter(helm, rendered, warnings);
  for (const RenderedFile& file : files) {
    if (base_name(file.name).starts_with('_') || trim_space(file.text).empty()) continue;
    if (auto added = sorter.add(file); !added) return added;
  }
  const auto before = [&](const Manifest& a, const Manifest& b) { return installs_before(a.kind, b.kind, helm); };
  std::stable_sort(rendered.manifests.begin(), rendered.manifests.end(), before);
  std::stable_sort(rendered.hooks.begin(), rendered.hooks.end(), before);
  return {};
}

}  // namespace sluice::chart
