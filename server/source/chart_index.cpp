#include "server/source/chart_index.hpp"

#include <algorithm>
#include <optional>

#include "core/functions/semver.hpp"
#include "core/value/yaml.hpp"

namespace sluice::source {

namespace {

constexpr std::size_t max_index_bytes = 64u << 20;
constexpr std::size_t max_index_nodes = 5'000'000;

/// The lines of `entries:` that belong to `chart`, as a YAML document of their own; nothing if the layout is not helm's.
std::optional<std::string> cut_out(std::string_view yaml, const std::string& chart) {
  const std::string_view head = "\nentries:\n";
  std::size_t at = yaml.starts_with(head.substr(1)) ? head.size() - 1 : yaml.find(head);
  if (at == std::string_view::npos) return std::nullopt;
  if (at != head.size() - 1) at += head.size();
  const std::string key = "  " + chart + ":\n";
  std::size_t begin = yaml.substr(at, key.size()) == key ? at : yaml.find("\n" + key, at);
  if (begin == std::string_view::npos) return std::nullopt;
  if (begin != at) ++begin;
  std::size_t end = begin + key.size();
  while (end < yaml.size()) {
    const std::string_view rest = yaml.substr(end);
    const bool still = rest.starts_with("  - ") || rest.starts_with("   ") || rest.starts_with("\n");
    if (!still) break;
    end = std::min(yaml.find('\n', end), yaml.size() - 1) + 1;
  }
  return "apiVersion: v1\nentries:\n" + std::string(yaml.substr(begin, end - begin));
}

std::string text_of(const Value& record, std::string_view name) {
  const Value* field = record.find(name);
  return field != nullptr && field->is_string() ? std::string(field->str()) : std::string();
}

Result<Value> read_document(std::string_view yaml) {
  YamlOptions options;
  options.max_bytes = max_index_bytes;
  options.max_nodes = max_index_nodes;
  auto index = read_yaml(yaml, options);
  if (!index) return std::move(index).error().during("the index is no YAML");
  if (!index->is_map()) return Error{Errc::invalid, "the index is no map: is this the address of a chart repository?"};
  if (text_of(*index, "apiVersion").empty()) return Error{Errc::invalid, "the index has no apiVersion: no API version specified"};
  return index;
}

/// The items with the highest version first, those without a version last. Each version is read once: there may be very many.
template <class Item, class VersionOf>
void sort_by_version(std::vector<Item>& items, VersionOf version_of) {
  std::vector<std::pair<std::optional<functions::Version>, std::size_t>> order;
  order.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto version = functions::parse_version(version_of(items[i]));
    order.emplace_back(version ? std::optional(std::move(*version)) : std::nullopt, i);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (!a.first || !b.first) return a.first.has_value() && !b.first.has_value();
    return functions::compare(*a.first, *b.first) > 0;
  });
  std::vector<Item> sorted;
  sorted.reserve(items.size());
  for (const auto& [version, i] : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

/// Where in `offered` (highest first) the first version stands that is not above the number in `range`.
std::size_t place_of(const std::string& range, const std::vector<std::string>& offered) {
  const std::size_t begin = range.find_first_of("0123456789");
  if (begin == std::string::npos) return 0;
  std::string number = range.substr(begin, range.find_first_not_of("0123456789.", begin) - begin);
  while (number.ends_with('.')) number.pop_back();
  const auto wanted = functions::parse_version(number);
  if (!wanted) return 0;
  const auto found = std::find_if(offered.begin(), offered.end(), [&](const std::string& text) {
    const auto version = functions::parse_version(text);
    return !version || functions::compare(*version, *wanted) <= 0;
  });
  return static_cast<std::size_t>(found - offered.begin());
}

/// "it offers 3.0.0, 2.0.0": all if they are few, else those around what was asked for.
std::string nearest(const std::string& range, const std::vector<std::string>& offered) {
  constexpr std::size_t few = 3;
  if (offered.empty()) return "it offers none";
  const bool all = offered.size() <= few;
  const std::size_t place = all ? 0 : place_of(range, offered);
  const std::size_t begin = all ? 0 : std::min(place - std::min<std::size_t>(place, 1), offered.size() - few);
  std::string text = all ? "it offers " : "the nearest of the " + std::to_string(offered.size()) + " that it offers are ";
  for (std::size_t i = begin; i < std::min(begin + few, offered.size()); ++i) text += (i > begin ? ", " : "") + offered[i];
  return text;
}

}  // namespace

Result<std::vector<IndexEntry>> read_index(std::string_view yaml, const std::string& chart) {
  if (yaml.size() > max_index_bytes) return Error{Errc::invalid, "the index is larger than 64 MiB"};
  if (yaml.find_first_not_of(" \t\r\n") == std::string_view::npos) return Error{Errc::invalid, "empty index.yaml file"};
  if (yaml.starts_with("\x1f\x8b"))
    return Error{Errc::invalid, "the index is compressed with gzip: expected YAML; have the repository serve it as it is"};
  const auto part = cut_out(yaml, chart);
  auto index = read_document(part ? std::string_view(*part) : yaml);
  if (!index && part) index = read_document(yaml);
  if (!index) return std::move(index).error();
  std::vector<IndexEntry> entries;
  const Value* all = index->find("entries");
  const Value* own = all == nullptr ? nullptr : all->find(chart);
  if (own == nullptr) return entries;
  for (const Value& record : own->items()) {
    IndexEntry entry{.version = text_of(record, "version"), .urls = {}, .digest = text_of(record, "digest")};
    if (const Value* urls = record.find("urls"); urls != nullptr) {
      for (const Value& url : urls->items()) {
        if (url.is_string()) entry.urls.emplace_back(url.str());
      }
    }
    if (entry.digest.starts_with("sha256:")) entry.digest.erase(0, 7);
    if (!entry.version.empty() && !entry.urls.empty()) entries.push_back(std::move(entry));
  }
  sort_by_version(entries, [](const IndexEntry& entry) -> const std::string& { return entry.version; });
  return entries;
}

bool is_exact_version(const std::string& version) {
  return std::count(version.begin(),
                    version.begin() + static_cast<std::ptrdiff_t>(version.find_first_of("-+") == std::string::npos
                                                                      ? version.size()
                                                                      : version.find_first_of("-+")),
                    '.') == 2 &&
         version.find_first_of("xX*<>=~^|, ") == std::string::npos && functions::parse_version(version).has_value();
}

Result<std::size_t> choose_version(const std::vector<std::string>& offered, const std::string& wanted, Devel devel) {
  if (!wanted.empty()) {
    const auto same = std::find(offered.begin(), offered.end(), wanted);
    if (same != offered.end()) return static_cast<std::size_t>(same - offered.begin());
  }
  const std::string range = !wanted.empty() ? wanted : devel == Devel::yes ? ">0.0.0-0" : "*";
  auto constraint = functions::Constraint::parse(range);
  if (!constraint) return std::move(constraint).error().during("version \"" + range + "\"");
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const auto version = functions::parse_version(offered[i]);
    if (version && constraint->admits(*version)) return i;
  }
  return Error{Errc::not_found, "no version matches \"" + range + "\": " + nearest(range, offered)};
}

std::vector<std::string> sorted_versions(std::vector<std::string> versions) {
  sort_by_version(versions, [](const std::string& version) -> const std::string& { return version; });
  return versions;
}

}  // namespace sluice::source
