#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/deployment/state.hpp"
#include "server/http/message.hpp"

namespace sluice::api {

/// The {id} of a path. Errors: not_found for what is no number above 0.
Result<deployment::DeploymentId> id_of(const http::Request& request, std::size_t capture = 0);

/// The body as a JSON object that has none but these members. An empty body is an empty object.
/// Errors: invalid, naming what is wrong; unsupported when a body comes as anything but application/json.
Result<nlohmann::json> object_of(const http::Request& request, std::initializer_list<std::string_view> members);

/// A text member; empty when absent. Errors: invalid when it is no text or longer than `limit`.
Result<std::string> text_of(const nlohmann::json& object, std::string_view member, std::size_t limit);

/// A whole number from the query, or `otherwise`. Errors: invalid outside of `low` to `high`.
Result<std::int64_t> number_parameter(const http::Request& request, std::string_view name, std::int64_t otherwise,
                                      std::int64_t low, std::int64_t high);

}  // namespace sluice::api
