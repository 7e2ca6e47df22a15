#include "server/http/peers.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::http {

namespace {

using Bytes = std::vector<unsigned char>;

/// Four or sixteen bytes; nothing for what is no address.
Bytes address_bytes(std::string_view text) {
  const std::string terminated(text);
  std::array<unsigned char, 16> raw{};
  if (inet_pton(AF_INET, terminated.c_str(), raw.data()) == 1) return {raw.begin(), raw.begin() + 4};
  if (inet_pton(AF_INET6, terminated.c_str(), raw.data()) != 1) return {};
  const std::array<unsigned char, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), raw.begin())) return {raw.begin() + 12, raw.end()};
  return {raw.begin(), raw.end()};
}

bool begin_alike(const Bytes& a, const Bytes& b, std::size_t bits) {
  if (a.size() != b.size()) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - bits % 8));
  return (a[whole] & mask) == (b[whole] & mask);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string plain_address(std::string_view text) {
  const auto bytes = address_bytes(text);
  if (bytes.empty()) return std::string(text);
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), out.data(), out.size());
  return out.data();
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const auto& entry : entries) {
    const auto slash = entry.find('/');
    Block block{address_bytes(std::string_view(entry).substr(0, slash)), 0};
    block.bits = block.bytes.size() * 8;
    bool fine = !block.bytes.empty();
    if (slash != std::string::npos) {
      const char* begin = entry.data() + slash + 1;
      const char* end = entry.data() + entry.size();
      std::size_t bits = 0;
      const auto [stop, error] = std::from_chars(begin, end, bits);
      fine = fine && error == std::errc() && stop == end && bits <= block.bits;
      block.bits = bits;
    }
    if (!fine) return Error{Errc::invalid, "trusted proxy \"" + entry + "\": expected an address or a block such as 10.0.0.0/8"};
    proxies.blocks_.push_back(std::move(block));
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto bytes = address_bytes(address);
  return std::any_of(blocks_.begin(), blocks_.end(),
                     [&](const Block& block) { return begin_alike(bytes, block.bytes, block.bits); });
}

std::string TrustedProxies::client(std::string_view peer, std::string_view forwarded_for) const {
  if (!contains(peer)) return std::string(peer);
  std::string_view rest = forwarded_for;
  std::string nearest(peer);
  while (!rest.empty()) {
    const auto comma = rest.rfind(',');
    const auto last = trimmed(comma == rest.npos ? rest : rest.substr(comma + 1));
    if (address_bytes(last).empty()) return nearest;  // not an address: whoever wrote that is not believed
    nearest = plain_address(last);
    if (!contains(last)) return nearest;
    rest = comma == rest.npos ? std::string_view() : rest.substr(0, comma);
  }
  return nearest;
}

bool PeerCounts::enter(const std::string& address, std::size_t limit) {
  auto& count = counts_[address];
  if (count >= limit) {
    if (count == 0) counts_.erase(address);
    return false;
  }
  ++count;
  return true;
}

void PeerCounts::leave(const std::string& address) {
  const auto found = counts_.find(address);
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

}  // namespace sluice::http
