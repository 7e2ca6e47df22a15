#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/value/marked_text.hpp"

namespace sluice {

/// Short texts that were made before, so that the thousandth `name` of a document costs no memory. For the readers.
class TextCache {
 public:
  Text get(std::string_view bytes) {
    if (bytes.empty() || bytes.size() > 40) return Text(bytes);
    std::uint32_t hash = 2166136261;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
    Text& cached = texts_[(hash ^ hash >> 15) % texts_.size()];
    if (cached.view() != bytes) cached = Text(bytes);
    return cached;
  }

 private:
  std::array<Text, 512> texts_;
};

}  // namespace sluice
