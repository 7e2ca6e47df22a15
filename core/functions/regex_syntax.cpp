#include "core/functions/regex_syntax.hpp"

#include <re2/re2.h>

#include "core/functions/limits.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

Error bad_pattern(std::string_view problem, std::string_view fragment) {
  return {Errc::invalid, "error parsing regexp: " + std::string(problem) + ": `" + std::string(fragment) + "`"};
}

bool is_group_name(std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = 0; at < name.size();) {
    const Rune rune = decode_rune(name.substr(at));
    if (rune.value != '_' && !is_letter(rune.value) && !is_number(rune.value)) return false;
    at += rune.size;
  }
  return true;
}

}  // namespace

Result<std::string> to_re2(std::string_view pattern) {
  if (!is_utf8(pattern)) return bad_pattern("invalid UTF-8", pattern);
  std::string out;
  out.reserve(pattern.size() + 8);
  bool in_class = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    const std::string_view rest = pattern.substr(at);
    if (c == '\\' && rest.size() > 1) {
      if (rest[1] == 'Q') {
        const std::size_t end = pattern.find("\\E", at + 2);
        const std::size_t stop = end == std::string_view::npos ? pattern.size() : end + 2;
        out += pattern.substr(at, stop - at);
        at = stop - 1;
        continue;
      }
      if (rest[1] == 'C' && !in_class) return bad_pattern("invalid escape sequence", "\\C");
      out += c;
      out += pattern[++at];
      continue;
    }
    if (in_class) {
      if (c == ']') in_class = false;
      if (rest.starts_with("[:")) {
        const std::size_t end = rest.find(":]", 2);
        if (end != std::string_view::npos) {
          out += rest.substr(0, end + 2);
          at += end + 1;
          continue;
        }
      }
    } else if (c == '[') {
      in_class = true;
      out += c;
      // A bracket right at the start is an ordinary character.
      if (at + 1 < pattern.size() && pattern[at + 1] == '^') out += pattern[++at];
      if (at + 1 < pattern.size() && pattern[at + 1] == ']') out += pattern[++at];
      continue;
    } else if (rest.starts_with("(?<")) {
      const std::size_t end = rest.find('>');
      if (end == std::string_view::npos) return bad_pattern("invalid named capture", rest);
      if (!is_group_name(rest.substr(3, end - 3))) return bad_pattern("invalid named capture", rest.substr(0, end + 1));
      out += "(?P<";
      at += 2;
      continue;
    }
    out += c;
  }
  return out;
}

Error to_go_error(const RE2& program, std::string_view pattern) {
  const std::string& fragment = program.error_arg();
  switch (program.error_code()) {
    case RE2::ErrorBadEscape:
      return bad_pattern("invalid escape sequence", fragment);
    case RE2::ErrorBadCharClass:
      return bad_pattern("invalid character class", fragment);
    case RE2::ErrorBadCharRange:
      return bad_pattern("invalid character class range", fragment);
    case RE2::ErrorMissingBracket:
      return bad_pattern("missing closing ]", fragment);
    case RE2::ErrorMissingParen:
      return bad_pattern("missing closing )", pattern);
    case RE2::ErrorUnexpectedParen:
      return bad_pattern("unexpected )", pattern);
    case RE2::ErrorTrailingBackslash:
      return bad_pattern("trailing backslash at end of expression", "");
    case RE2::ErrorRepeatArgument:
      return bad_pattern("missing argument to repetition operator", fragment);
    case RE2::ErrorRepeatSize:
      return bad_pattern("invalid repeat count", fragment);
    case RE2::ErrorRepeatOp:
      return bad_pattern("invalid nested repetition operator", fragment);
    case RE2::ErrorBadPerlOp:
      return bad_pattern("invalid or unsupported Perl syntax", fragment);
    case RE2::ErrorBadUTF8:
      return bad_pattern("invalid UTF-8", pattern);
    case RE2::ErrorBadNamedCapture:
      return bad_pattern("invalid named capture", fragment);
    case RE2::ErrorPatternTooLarge:
      return past_limit("regular expression program", limits::regex_program_bytes, "bytes");
    case RE2::NoError:
    case RE2::ErrorInternal:
      break;
  }
  return {Errc::invalid, "error parsing regexp: " + program.error()};
}

}  // namespace sluice::functions
