#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::http {

/// The proxies whose word about the client's address is believed.
class TrustedProxies {
 public:
  /// Each entry is an address or a CIDR block. Errors: invalid, naming the entry.
  static Result<TrustedProxies> parse(const std::vector<std::string>& entries);

  bool contains(std::string_view address) const;
  /// The client behind `peer`: the right-most entry of X-Forwarded-For that is no trusted proxy, if `peer` is one; else `peer`.
  std::string client(std::string_view peer, std::string_view forwarded_for) const;

 private:
  struct Block {
    std::vector<unsigned char> bytes;
    std::size_t bits;
  };
  std::vector<Block> blocks_;
};

/// The address in its plain form ("::ffff:10.0.0.1" is 10.0.0.1); `text` itself when it is none.
std::string plain_address(std::string_view text);

/// Counts connections an address. Never holds more entries than there are connections.
class PeerCounts {
 public:
  bool enter(const std::string& address, std::size_t limit);
  void leave(const std::string& address);

 private:
  std::map<std::string, std::size_t> counts_;
};

}  // namespace sluice::http
