#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "server/http/gate.hpp"

namespace sluice::http {

/// Reads one request: first its head, which must be complete, then its body in pieces of any size.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  /// `head` ends with the empty line. Fills everything of `request` that a head tells.
  std::optional<Refusal> read_head(std::string_view head, const Limits& limits, Request& request);

  struct Taken {
    std::size_t bytes = 0;  ///< How many of the given bytes were used; the rest comes again, with more behind it.
    std::optional<Refusal> refusal;
  };
  /// Hands the body's bytes to `piece`, without the framing.
  Taken read_body(std::string_view bytes, const std::function<void(std::string_view)>& piece);

  bool is_done() const;
  const Framing& framing() const;
  bool keeps_alive() const;  ///< What version and Connection field say.
  bool is_http_1_0() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::http
