#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/json.hpp"

namespace sluice::kube {

/// Why the API server said no.
struct Refusal {
  int code = 0;
  std::string reason;        ///< "NotFound", "Conflict", "Invalid"; may be empty
  std::string message;       ///< redacted: no value of an object
  std::string details_kind;  ///< "namespaces" when the namespace is what is missing
  std::string details_name;
  struct Cause {
    std::string reason, field;
    std::string message;  ///< redacted
  };
  std::vector<Cause> causes;
  int retry_after_seconds = 0;

  bool is_not_found() const { return code == 404; }
  bool namespace_is_missing() const { return code == 404 && details_kind == "namespaces"; }
  bool namespace_is_terminating() const;
  bool already_exists() const { return code == 409 && reason == "AlreadyExists"; }
  /// A field that may not change was changed: only deleting and creating anew helps.
  bool is_immutable_field() const;
  /// Worth the same request again: overload, a leader change, a webhook that cannot be reached.
  bool is_transient() const;
};

/// Reads the body of an answer whose status is not 2xx.
Refusal read_refusal(int code, std::string_view body);

/// For the caller of `doing`. Codes: not_found, conflict, denied, unavailable, else invalid.
Error to_error(const Refusal& refusal, std::string_view doing);

/// A message of the API server without the values it quotes, and without control characters, at most 600 bytes.
std::string redact(std::string_view message);

}  // namespace sluice::kube
