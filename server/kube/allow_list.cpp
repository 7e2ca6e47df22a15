#include "server/kube/allow_list.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace sluice::kube {

namespace {

using Bytes = std::array<std::uint8_t, 16>;

std::optional<Bytes> parse_address(const std::string& text, bool& is_v4) {
  Bytes out{};
  is_v4 = ::inet_pton(AF_INET, text.c_str(), out.data() + 12) == 1;
  if (is_v4) {
    out[10] = out[11] = 0xff;
    return out;
  }
  if (::inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
  return std::nullopt;
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc{} && end == text.data() + text.size();
}

bool matches(const Bytes& address, const Bytes& network, int prefix) {
  for (std::size_t i = 0; i < address.size() && prefix > 0; ++i, prefix -= 8) {
    const auto mask = static_cast<std::uint8_t>(prefix >= 8 ? 0xff : 0xff << (8 - prefix));
    if ((address[i] & mask) != (network[i] & mask)) return false;
  }
  return true;
}

}  // namespace

Result<AllowList> AllowList::parse(std::span<const std::string> entries) {
  AllowList list;
  for (const auto& text : entries) {
    const Error bad{Errc::invalid,
                    "'" + text + "' is not ADDRESS:PORT, NETWORK/BITS:PORT (IPv6 in brackets) or name:PORT in lower case"};
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return bad;
    Entry entry;
    if (!read_number(std::string_view(text).substr(colon + 1), entry.port) || entry.port == 0) return bad;
    std::string network = text.substr(0, colon);
    if (network.starts_with('[') && network.ends_with(']')) {
      network = network.substr(1, network.size() - 2);
    } else if (network.find(':') != std::string::npos) {
      return bad;
    }
    const auto slash = network.find('/');
    const bool is_name = network.find_first_not_of("0123456789./:abcdefABCDEF") != std::string::npos ||
                         network.find_first_of(".:") == std::string::npos;
    if (is_name) {
      const bool clean =
          !network.empty() && network.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == std::string::npos;
      if (!clean) return bad;
      entry.host = network;
      list.entries_.push_back(entry);
      list.text_ += (list.text_.empty() ? "" : ", ") + text;
      continue;
    }
    bool is_v4 = false;
    const auto address = parse_address(network.substr(0, slash), is_v4);
    if (!address) return bad;
    entry.network = *address;
    if (slash != std::string::npos) {
      int bits = 0;
      if (!read_number(std::string_view(network).substr(slash + 1), bits) || bits < 0 || bits > (is_v4 ? 32 : 128)) return bad;
      entry.prefix = is_v4 ? bits + 96 : bits;
    }
    list.entries_.push_back(entry);
    list.text_ += (list.text_.empty() ? "" : ", ") + text;
  }
  return list;
}

bool AllowList::allows(std::string_view host, std::string_view address, std::uint16_t port) const {
  if (entries_.empty()) return true;
  bool is_v4 = false;
  const auto bytes = parse_address(std::string(address), is_v4);
  if (!bytes) return false;
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    if (entry.port != port) return false;
    return entry.host.empty() ? matches(*bytes, entry.network, entry.prefix) : entry.host == host;
  });
}

}  // namespace sluice::kube
