#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::functions {

// Texts as words. Lengths and positions are bytes, as in the Go libraries that Sprig calls.

/// "a long te..." in at most `width` bytes; unchanged if that is below 4.
std::string abbreviate(std::string_view text, std::int64_t width);
/// "...a long te..." from about `left` on.
std::string abbreviate_both(std::string_view text, std::int64_t left, std::int64_t right);
/// Title case for each letter at the start of a word. Follows: strings.Title.
std::string to_title_words(std::string_view text);
/// Lower case for each letter at the start of a word.
std::string to_untitled(std::string_view text);
std::string swap_case(std::string_view text);
/// The first byte of each word. Bytes are taken for Latin-1 characters, as goutils does.
std::string initials(std::string_view text);
/// Without blanks. Bytes are taken for Latin-1 characters if there is one, as goutils does.
std::string without_spaces(std::string_view text);

/// "XMLFile name" -> "xml_file_name" with '_', "xml-file-name" with '-'. Follows: xstrings.ToSnakeCase.
std::string to_separated(std::string_view text, char connector);
/// "xml_file" -> "XmlFile". Follows: xstrings.ToCamelCase.
std::string to_camel_case(std::string_view text);

enum class LongWords { keep, split };
/// Breaks lines at blanks so that they are at most `width` bytes long. Follows: goutils.WrapCustom.
std::string wrap(std::string_view text, std::int64_t width, std::string_view line_break, LongWords long_words);

}  // namespace sluice::functions
