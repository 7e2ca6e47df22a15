#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/values.hpp"
#include "core/value/value.hpp"
#include "server/app/helm_flags.hpp"

namespace sluice::app {

// What the commands on charts (template, lint) have in common.

/// `own` and the flags that every one of these commands takes.
std::vector<FlagSpec> with_common_flags(std::span<const FlagSpec> own);

/// --helm 3 or 4. Errors: invalid.
Result<chart::HelmVersion> helm_version(const HelmFlags& flags);
/// -n, else HELM_NAMESPACE, else "default".
std::string namespace_flag(const HelmFlags& flags);
/// The path of the chart that `name` means.
/// Errors: not_found; unsupported for what would have to be fetched.
Result<std::string> locate_chart(const std::string& name, const HelmFlags& flags);
/// -f, --set and their kin.
chart::ValueFlags value_flags(const HelmFlags& flags);
/// Reads the files that they name; each once, as the standard input can be one.
chart::ReadFile value_reader();
/// Reads it, and tells on stderr what Helm would.
Result<std::shared_ptr<const chart::Chart>> load_named_chart(const std::string& path, chart::HelmVersion helm);

/// Tells on stderr what Helm tells of a chart that it has loaded.
void print_chart_notes(const chart::Chart& chart, chart::HelmVersion helm);
void print_warnings(const std::vector<std::string>& lines);
/// Prints "Error: ..." to stderr after all of stdout. The exit code.
int fail(const Error& error);
/// `code`, unless what was printed could not be written.
int flush_output(int code);

}  // namespace sluice::app
