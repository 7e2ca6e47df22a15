#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/limits.hpp"
#include "server/http/message.hpp"

namespace sluice::http {

/// Why a request gets no further. Texts are constant: the sender is not known yet.
struct Refusal {
  int status = 400;
  std::string_view code;
  std::string_view message;
};

/// How the body's end is found.
struct Framing {
  enum class Kind { none, length, chunked } kind = Kind::none;
  std::size_t length = 0;  ///< For Kind::length.
};

/// Looks at the bytes of a head, whole or in part, for what no parser may decide: line ends that are not CRLF, folded fields,
/// NUL and other control bytes. Bytes before `from` have been looked at already, all but the last of them.
std::optional<Refusal> check_bytes(std::string_view head, std::size_t from = 0);

/// Looks at a request line and its fields as parsed; fills in `path` and `query`. `version` is 10 or 11.
std::optional<Refusal> check_head(Request& request, int version, const Limits& limits, Framing& framing);

}  // namespace sluice::http
