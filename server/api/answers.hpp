#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "server/http/message.hpp"
#include "server/store/records.hpp"

namespace sluice::api {

http::Response json_answer(int status, const nlohmann::json& body);
/// The problem object for a failure inside a handler.
http::Response failed(const Error& error, const http::Request& request);
/// 404, the same for what is not there and for what the caller may not see.
Error no_such_deployment();

nlohmann::json to_json(const store::Deployment& one);
nlohmann::json to_json(const store::Decision& decision);
nlohmann::json to_json(const store::Event& event);
nlohmann::json to_json(const store::EnvironmentLock& lock);
/// What is JSON already, kept as text in the store; null when it is none.
nlohmann::json parsed(const std::string& text);
std::string dumped(const nlohmann::json& value);

}  // namespace sluice::api
