#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// U+FFFD, what a byte that is not UTF-8 decodes to.
inline constexpr char32_t replacement_rune = 0xFFFD;

/// One decoded character and how many bytes it took.
struct Rune {
  char32_t value;
  unsigned size;  ///< 1 for a byte that is not UTF-8 (the value is then U+FFFD), 0 at the end of the text
  bool valid() const { return size != 1 || value < 0x80; }
};

/// The character at the start of `text`. Surrogates, overlong forms and values above U+10FFFF are no UTF-8.
/// Follows: Go's utf8.DecodeRune.
Rune decode_rune(std::string_view text);
/// The character that ends `text`.
Rune decode_last_rune(std::string_view text);
/// Appends the UTF-8 of `rune`; of U+FFFD for a surrogate or a value above U+10FFFF.
void append_rune(std::string& out, char32_t rune);
/// How many characters `text` has; a byte that is not UTF-8 counts as one.
std::size_t count_runes(std::string_view text);
bool is_utf8(std::string_view text);
/// `text` with each byte that is not UTF-8 replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

/// The classes and simple case maps of Unicode 15.0. Follows: Go's unicode package.
bool is_letter(char32_t rune);
bool is_digit(char32_t rune);   ///< decimal digits only (Nd)
bool is_number(char32_t rune);  ///< also ², Ⅷ and their kin (N)
bool is_upper(char32_t rune);
bool is_lower(char32_t rune);
bool is_title(char32_t rune);
bool is_space(char32_t rune);
bool is_punct(char32_t rune);
bool is_symbol(char32_t rune);
/// Letters, marks, numbers, punctuation, symbols, and of the spaces only U+0020.
bool is_print(char32_t rune);
char32_t to_upper(char32_t rune);
char32_t to_lower(char32_t rune);
char32_t to_title(char32_t rune);

}  // namespace sluice
