#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/json.hpp"

namespace sluice::plan {

/// Which parts of a record are wanted: the chart's files are most of its size, and only `rollback` and `get` need them.
enum class RecordParts { all, without_chart_content };

/// Labels that somebody gave a release, besides those that Helm gives the Secret of its record.
using ReleaseLabels = std::map<std::string, std::string>;

/// The record inside a release Secret. `data` is the value of its key "release": base64 (of the Secret) around base64 around
/// gzip around JSON. The keys are Helm's: name, namespace, version, info, chart, config, manifest, hooks.
/// Errors: invalid; larger than 64 MiB unpacked.
Result<Json> decode_record(std::string_view data, RecordParts parts);

/// What goes into the Secret's `data.release`.
std::string encode_record(const Json& record);

/// "sh.helm.release.v1.web.v3"
std::string record_name(std::string_view release, int revision);

/// The Secret that holds `record`. Its labels are not in the record itself as Helm reads it, but here they travel with it, under the
/// key "labels". `stamp` is "createdAt" for a new one, "modifiedAt" for a changed one; `unix_seconds` its time.
Json record_secret(const Json& record, std::string_view stamp, long long unix_seconds);

/// What a record's Secret tells without being read whole.
struct RecordHead {
  std::string name, namespace_, status;
  int revision = 0;
  ReleaseLabels labels = {};
};
/// From a Secret's metadata; `revision` is 0 when it is no release record.
RecordHead record_head(const Json& secret);

/// Those among the labels of a record's Secret (an object, or null) that are not Helm's own.
ReleaseLabels release_labels(const Json* labels);
/// Whether Helm keeps that label for itself.
bool is_label_of_helm(std::string_view key);

bool is_pending(std::string_view status);

/// The record of a new revision without times and status, which the push fills in.
struct NewRecord {
  std::string name, namespace_;
  int revision = 1;
  Json chart, config;
  std::string manifest, notes;
  ReleaseLabels labels;
  struct Hook {
    std::string name, kind, path, manifest;
    std::vector<std::string> events;
    int weight = 0;
    std::vector<std::string> delete_policies;
  };
  std::vector<Hook> hooks;
};
Json to_json(const NewRecord& record);

}  // namespace sluice::plan
