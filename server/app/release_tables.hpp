#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/release.hpp"

namespace sluice::app {

/// The newest revision of each release whose status is one of `statuses` ("pending" stands for all pending ones; none: any) and
/// whose name `filter` (RE2) matches, sorted by name. Errors: invalid, for a filter that is no regular expression.
Result<std::vector<plan::RecordHead>> newest_of(const std::vector<plan::RecordHead>& heads,
                                                const std::vector<std::string>& statuses, const std::string& filter);

/// One release as `helm list` tells of it in JSON.
plan::Json list_row(const plan::Json& record);
/// What `helm list` prints: a table, "json" or "yaml".
std::string list_table(const std::vector<plan::Json>& records, const std::string& output, bool names_only);
/// What `helm history` prints, likewise.
std::string history_table(const std::vector<plan::Json>& records, const std::string& output);
/// What `helm status` prints.
std::string status_text(const plan::Json& record, bool with_description);
/// What `helm get all` prints; the values as YAML.
std::string all_text(const plan::Json& record, const std::string& values, const std::string& computed_values);
/// What `helm get hooks` prints.
std::string hooks_text(const plan::Json& record);

/// "2026-11-25 01:50:09.294 +0000 UTC", as Go prints the time that a record holds as "2026-11-25T01:50:09.294Z".
std::string go_time(const std::string& rfc3339);
/// "Wed Nov 25 01:50:09 2026"
std::string ansi_time(const std::string& rfc3339);

/// "5m0s", "90s", "1h". Errors: invalid.
Result<std::chrono::seconds> parse_duration(const std::string& text);

/// `text` with control characters made visible, on several lines if it has them.
std::string printable(const std::string& text);

}  // namespace sluice::app
