#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "server/http/message.hpp"

namespace sluice::http {

/// A failure as clients see it, everywhere the same: RFC 9457 and our own members.
///
/// `code` is stable kebab-case. `message` says what was expected and what was found. Before a caller is known, only constant
/// texts go in here, and no request id.
struct Problem {
  int status = 500;
  std::string_view code = "internal";
  std::string message = {};
  std::string hint = {};   ///< What to do next.
  std::string where = {};  ///< project/file:line:col, or an object's identity.
  std::string request_id = {};
  std::chrono::seconds retry_after{0};  ///< Above zero, the request may be sent again after that long.
};

Response problem(const Problem& what);

/// "Not Found" for 404.
std::string_view reason_phrase(int status);

/// The answer for a failure inside a handler: what the Errc says about it, in HTTP's terms.
Problem problem_of(const Error& error, const Request& request);

}  // namespace sluice::http
