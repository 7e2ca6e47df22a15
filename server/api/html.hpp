#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::api {

/// Builds a page. Text gets in escaped or not at all: `raw` takes only what is written in the program itself.
class Html {
 public:
  template <std::size_t size>
  Html& raw(const char (&literal)[size]) {
    out_.append(literal, size - 1);
    return *this;
  }
  /// Escaped for element content and for attribute values in quotes. Control characters, bidirectional and zero-width ones
  /// become visible marks; line breaks and tabs stay.
  Html& text(std::string_view text);
  Html& number(std::int64_t value);
  Html& add(const Html& part) {
    out_ += part.out_;
    return *this;
  }
  std::size_t size() const { return out_.size(); }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace sluice::api
