#pragma once

#include <chrono>
#include <cstddef>

namespace sluice::http {

/// What one listener grants to its clients. The configuration may lower these.
struct Limits {
  std::size_t head_bytes = 16 * 1024;   ///< Request line and fields; above: 431.
  std::size_t fields = 100;             ///< Above: 400.
  std::size_t target_bytes = 4 * 1024;  ///< Above: 414.

  std::size_t connections = 2048;                    ///< Above: the newest is refused.
  std::size_t connections_per_address = 64;          ///< Likewise; does not apply to trusted proxies.
  std::size_t bodies_in_flight = 128 * 1024 * 1024;  ///< Bytes of bodies being read, all connections together; above: 503.

  std::chrono::milliseconds handshake{5'000};
  std::chrono::milliseconds head{10'000};  ///< From the first byte of a request, or from the connection's start.
  std::chrono::milliseconds write{30'000};
  std::chrono::milliseconds idle{15'000};
  std::chrono::milliseconds connection_age{300'000};
  std::chrono::milliseconds closing{2'000};  ///< For the peer to take the last answer and the end of TLS.
  std::size_t requests_per_connection = 1'000;
};

}  // namespace sluice::http
