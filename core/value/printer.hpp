#pragma once

#include <string_view>

#include "core/value/value.hpp"
#include "core/value/walk.hpp"

namespace sluice {

/// The state of one fmt call: flags of the verb at hand, and where its text goes. Only for fmt.cpp and printf.cpp.
/// Follows: Go's fmt package (pp and fmt), value by value.
class Printer {
 public:
  struct Flags {
    bool plus = false, minus = false, sharp = false, space = false, zero = false;
    bool plus_v = false, sharp_v = false;
    bool has_width = false, has_precision = false;
    std::size_t width = 0, precision = 0;
  };

  explicit Printer(TextBuilder& out) : out_(out) {}
  Flags flags;

  /// Prints `value` with `verb`; wrong kinds become `%!d(string=x)`.
  void print(const Value& value, char32_t verb, int depth = 0);
  TextBuilder& out() { return out_; }

 private:
  void print_marked(const Value& value, char32_t verb, int depth);
  void bad_verb(const Value& value, char32_t verb, int depth);
  void print_nil(char32_t verb, int depth);
  bool print_integer(const Value& value, char32_t verb);
  bool print_float(double x, char32_t verb);
  bool print_complex(const Value& value, char32_t verb);
  bool print_string(const Text& text, char32_t verb);
  bool print_bytes(const Value& value, char32_t verb);
  void print_list(const Value& value, char32_t verb, int depth);
  void print_map(const Value& value, char32_t verb, int depth);
  void print_object(const Value& value, char32_t verb, int depth);

  void pad(std::string_view text);
  void pad_text(const Text& text);
  void write_padding(std::size_t count);
  void write_integer(std::uint64_t n, bool negative, unsigned base, char32_t verb);
  void write_float(double x, char verb, int precision);
  void write_hex(std::string_view bytes, bool upper);
  void write_unicode(std::uint64_t rune);

  TextBuilder& out_;
  Walk walk_;
  bool erroring_ = false;  // inside %!d(...): String methods are not called
};

}  // namespace sluice
