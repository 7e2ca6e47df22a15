#include "core/plan/release.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/digest.hpp"
#include "core/base/gunzip.hpp"
#include "core/plan/raw_json.hpp"

namespace sluice::plan {

namespace {

constexpr std::size_t max_unpacked = std::size_t{64} << 20;

std::string gzip(const std::string& plain) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&stream, static_cast<uLong>(plain.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

/// The members of `object` that `is_wanted`; nothing if one of them is not JSON.
std::optional<Json> read_members(std::string_view object, const std::function<bool(std::string_view key)>& is_wanted) {
  Json out = Json::object();
  bool good = true;
  const bool whole = for_each_member(object, [&](std::string_view key, std::string_view value) {
    if (!good || !is_wanted(key)) return;
    auto read = parse_json(value);
    good = read.has_value();
    if (good) out[std::string(key)] = std::move(*read);
  });
  if (!whole || !good) return std::nullopt;
  return out;
}

std::optional<Json> without_chart_content(std::string_view record) {
  auto out = read_members(record, [](std::string_view key) { return key != "chart"; });
  const std::string_view chart = raw_at(record, "chart");
  if (!out || chart.empty()) return out;
  auto light = read_members(
      chart, [](std::string_view key) { return key != "templates" && key != "files" && key != "values" && key != "schema"; });
  if (light) (*out)["chart"] = std::move(*light);
  return out;
}

int to_int(const std::string& text) {
  int out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc{} && end == text.data() + text.size() ? out : 0;
}

std::string label(const Json& object, const char* name) {
  const Json* labels = find_path(object, "metadata/labels");
  const Json* value = labels ? find(*labels, name) : nullptr;
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

}  // namespace

Result<Json> decode_record(std::string_view data, RecordParts parts) {
  const Error bad{Errc::invalid, "not a Helm release record"};
  const auto outer = from_base64(data);
  if (!outer) return bad;
  const auto inner = from_base64(*outer);
  if (!inner) return bad;
  std::string_view text = *inner;
  Result<std::optional<Bytes>> unpacked = std::optional<Bytes>();
  if (is_gzip(text)) {
    unpacked = gunzip(text, max_unpacked);
    if (!unpacked || !*unpacked) return bad;
    text = (*unpacked)->view();
  }
  if (parts == RecordParts::all) return parse_json(text);
  auto light = without_chart_content(text);
  return light ? Result<Json>(std::move(*light)) : bad;
}

std::string encode_record(const Json& record) { return to_base64(to_base64(gzip(to_text(record)))); }

std::string record_name(std::string_view release, int revision) {
  return "sh.helm.release.v1." + std::string(release) + ".v" + std::to_string(revision);
}

static Json without_labels(Json record) {
  record.erase("labels");
  return record;
}

Json record_secret(const Json& record, std::string_view stamp, long long unix_seconds) {
  const std::string name = text_at(record, "name");
  const int revision = static_cast<int>(int_at(record, "version", 0));
  const Json* own = find(record, "labels");
  Json labels = own ? *own : Json::object();
  labels["owner"] = "helm";
  labels["name"] = name;
  labels["status"] = text_at(record, "info/status");
  labels["version"] = std::to_string(revision);
  labels[std::string(stamp)] = std::to_string(unix_seconds);
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "helm.sh/release.v1"},
          {"metadata",
           {{"name", record_name(name, revision)}, {"namespace", text_at(record, "namespace")}, {"labels", std::move(labels)}}},
          {"data", {{"release", own ? encode_record(without_labels(record)) : encode_record(record)}}}};
}

RecordHead record_head(const Json& secret) {
  RecordHead out;
  if (label(secret, "owner") != "helm") return out;
  out.name = label(secret, "name");
  out.namespace_ = text_at(secret, "metadata/namespace");
  out.status = label(secret, "status");
  out.revision = to_int(label(secret, "version"));
  out.labels = release_labels(find_path(secret, "metadata/labels"));
  return out;
}

bool is_label_of_helm(std::string_view key) {
  constexpr std::array<std::string_view, 6> own = {"name", "owner", "status", "version", "createdAt", "modifiedAt"};
  return std::find(own.begin(), own.end(), key) != own.end();
}

ReleaseLabels release_labels(const Json* labels) {
  ReleaseLabels out;
  if (!labels || !labels->is_object()) return out;
  for (const auto& [key, value] : labels->items()) {
    if (value.is_string() && !is_label_of_helm(key)) out.emplace(key, value.get<std::string>());
  }
  return out;
}

bool is_pending(std::string_view status) { return status.starts_with("pending-"); }

Json to_json(const NewRecord& record) {
  Json hooks = Json::array();
  for (const auto& hook : record.hooks) {
    Json entry = {{"name", hook.name},     {"kind", hook.kind},
                  {"path", hook.path},     {"manifest", hook.manifest},
                  {"events", hook.events}, {"last_run", {{"started_at", ""}, {"completed_at", ""}, {"phase", ""}}}};
    if (hook.weight != 0) entry["weight"] = hook.weight;
    if (!hook.delete_policies.empty()) entry["delete_policies"] = hook.delete_policies;
    hooks.push_back(std::move(entry));
  }
  Json info = {{"first_deployed", ""}, {"last_deployed", ""}, {"deleted", ""}};
  if (!record.notes.empty()) info["notes"] = record.notes;
  Json out = {{"name", record.name},   {"namespace", record.namespace_}, {"version", record.revision}, {"info", std::move(info)},
              {"chart", record.chart}, {"manifest", record.manifest},    {"hooks", std::move(hooks)}};
  if (record.config.is_object() && !record.config.empty()) out["config"] = record.config;
  if (!record.labels.empty()) out["labels"] = record.labels;
  return out;
}

}  // namespace sluice::plan
