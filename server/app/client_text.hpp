#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

// What the client commands print. Text that came from repositories cannot drive the terminal.

namespace sluice::app {

enum class Paint { no, yes };

/// Columns of text under their headings, as wide as they need to be.
std::string table_of(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows);

/// One deployment a line.
std::string deployments_table(const nlohmann::json& items);
/// One deployment, with its plan, its decisions and what to do next.
std::string deployment_text(const nlohmann::json& deployment);
/// One event of a deployment, with its line break.
std::string event_line(const nlohmann::json& event);
/// A diff made fit for a terminal, added lines green, removed ones red.
std::string diff_text(std::string_view diff, Paint paint);

/// "json" or "yaml". Errors: invalid for any other format.
Result<std::string> formatted(const nlohmann::json& value, const std::string& format);

}  // namespace sluice::app
