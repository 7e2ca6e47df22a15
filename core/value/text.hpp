#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

// How Go writes and reads numbers and quotes strings. Follows: strconv.

/// As %v, print, quote and toString write a float64: the shortest digits that read back as the same number, with an exponent
/// (sign and at least two digits) if it is below -4 or above 5: 100000, 1e+06, 0.0001, 1e-05, +Inf, NaN.
void append_float(std::string& out, double x);
std::string float_text(double x);
/// The same of the nearest 32-bit float, as YAML keys and strings made from floats are written.
std::string float32_text(double x);
/// As encoding/json writes it: plain digits for 1e-6 <= |x| < 1e21, else with the shortest exponent: 1e-7, 1e+21. `x` is finite.
void append_json_float(std::string& out, double x);
/// strconv.FormatFloat. `verb` is one of b e E f F g G x X; `precision` -1 asks for the shortest digits.
std::string format_float(double x, char verb, int precision);

void append_int(std::string& out, std::int64_t n);
void append_uint(std::string& out, std::uint64_t n, unsigned base = 10, bool upper = false);

/// Go's %q and strconv.Quote: double quotes, \a \b \f \n \r \t \v, \xNN, \uNNNN for what is not printable.
void append_quoted(std::string& out, std::string_view text);
std::string quoted(std::string_view text);
/// Go's %+q: everything outside ASCII escaped as well.
void append_quoted_ascii(std::string& out, std::string_view text);
/// Go's %q of a number: 'x'.
void append_quoted_rune(std::string& out, char32_t rune, bool ascii);
/// Can it be written between backquotes unchanged?
bool can_backquote(std::string_view text);

/// What kept a text from being a number.
enum class NumberFault : std::uint8_t { none, syntax, range };

/// A number read from text. On `range` the value is the nearest possible one (an infinity for floats), on `syntax` it is 0.
template <class T>
struct Parsed {
  T value{};
  NumberFault fault = NumberFault::none;
  explicit operator bool() const { return fault == NumberFault::none; }
};

/// strconv.ParseInt(text, base, 64). Base 0 reads 0x, 0o, 0b and a leading 0 as base and allows underscores between digits.
Parsed<std::int64_t> parse_int(std::string_view text, int base);
/// strconv.ParseUint(text, base, 64): no sign.
Parsed<std::uint64_t> parse_uint(std::string_view text, int base);
/// strconv.ParseFloat(text, 64): decimal, hex floats with underscores, inf, infinity and nan in any case.
Parsed<double> parse_float(std::string_view text);

}  // namespace sluice
