#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::kube {

/// The only addresses a cluster may be reached at. An empty list allows every address.
class AllowList {
 public:
  AllowList() = default;
  /// From "203.0.113.7:6443", "10.0.0.0/24:6443", "[2001:db8::1]:6443", "[2001:db8::/64]:6443" or "api.example.org:6443": a name
  /// allows whatever it resolves to, for a connection to that name.
  /// Errors: invalid, naming the entry.
  static Result<AllowList> parse(std::span<const std::string> entries);

  /// `address` is what `host` has resolved to.
  bool allows(std::string_view host, std::string_view address, std::uint16_t port) const;
  bool empty() const { return entries_.empty(); }
  /// The entries as they were given, joined with ", ".
  const std::string& text() const { return text_; }

 private:
  struct Entry {
    std::array<std::uint8_t, 16> network{};  // IPv4 as ::ffff:a.b.c.d
    int prefix = 128;
    std::uint16_t port = 0;
    std::string host;  // empty: an address
  };
  std::vector<Entry> entries_;
  std::string text_;
};

}  // namespace sluice::kube
