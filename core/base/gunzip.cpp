#include "core/base/gunzip.hpp"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace sluice {

namespace {

constexpr std::size_t least_guess = 64 * 1024;

struct Free {
  void operator()(libdeflate_decompressor* handle) const noexcept { libdeflate_free_decompressor(handle); }
};

/// The stream's last four bytes: how much its last member unpacks to, if they can be believed.
std::size_t promised_size(std::string_view packed) {
  if (packed.size() < 4) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(packed[packed.size() - 4 + i])); };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

/// Room for `capacity` bytes, the first of them taken over.
void grow(Bytes& bytes, std::size_t capacity) {
  auto data = std::make_unique_for_overwrite<char[]>(capacity);
  if (bytes.size > 0) std::memcpy(data.get(), bytes.data.get(), bytes.size);
  bytes.data = std::move(data);
}

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B\x08"); }

Result<std::optional<Bytes>> gunzip(std::string_view packed, std::size_t limit) {
  const std::unique_ptr<libdeflate_decompressor, Free> decompressor(libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  std::size_t capacity = std::min(std::max(promised_size(packed), least_guess), limit);
  Bytes out;
  grow(out, capacity);
  for (bool first = true; first || is_gzip(packed); first = false) {
    std::size_t read = 0, written = 0;
    auto status = LIBDEFLATE_INSUFFICIENT_SPACE;
    for (;;) {
      status = libdeflate_gzip_decompress_ex(decompressor.get(), packed.data(), packed.size(), out.data.get() + out.size,
                                             capacity - out.size, &read, &written);
      if (status != LIBDEFLATE_INSUFFICIENT_SPACE) break;
      if (capacity == limit) return std::optional<Bytes>();
      capacity = std::min(capacity * 2, limit);
      grow(out, capacity);
    }
    if (status != LIBDEFLATE_SUCCESS) return Error{Errc::invalid, "the gzip stream is cut off or damaged"};
    packed.remove_prefix(read);
    out.size += written;
  }
  return std::optional<Bytes>(std::move(out));
}

}  // namespace sluice
