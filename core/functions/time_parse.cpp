#include <algorithm>
#include <array>
#include <optional>

#include "core/functions/time.hpp"
#include "core/functions/time_layout.hpp"
#include "core/functions/time_quote.hpp"

namespace sluice::functions {
namespace {

bool is_digit_at(std::string_view text, std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; }
bool starts_fraction(std::string_view text) {
  return text.size() >= 2 && (text[0] == '.' || text[0] == ',') && is_digit_at(text, 1);
}

int number_of(std::string_view digits) {
  int number = 0;
  for (char c : digits) number = number * 10 + (c - '0');
  return number;
}

/// One or two digits, or exactly two when `fixed`; nothing if there are none.
std::optional<int> take_number(std::string_view& text, bool fixed) {
  if (!is_digit_at(text, 0) || (fixed && !is_digit_at(text, 1))) return std::nullopt;
  const std::size_t size = is_digit_at(text, 1) ? 2 : 1;
  const int number = number_of(text.substr(0, size));
  text.remove_prefix(size);
  return number;
}

std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (!is_digit_at(text, i)) return std::nullopt;
  const int number = number_of(text.substr(0, count));
  text.remove_prefix(count);
  return number;
}

/// The name that `text` starts with, whatever its case; which of `count` it is.
template <class NameOf>
std::optional<int> take_name(std::string_view& text, int first, int count, std::size_t cut, NameOf name_of) {
  auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (int i = first; i < first + count; ++i) {
    const std::string_view name = name_of(i).substr(0, cut);
    if (text.size() < name.size() || !std::equal(name.begin(), name.end(), text.begin(), same)) continue;
    text.remove_prefix(name.size());
    return i;
  }
  return std::nullopt;
}

/// "+3", "-11": how long it is; 0 if it is none.
std::size_t signed_hours_size(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  std::size_t end = 1;
  while (is_digit_at(text, end) && end < 4) ++end;
  return end == 1 || is_digit_at(text, end) || number_of(text.substr(1, end - 1)) > 23 ? 0 : end;
}

/// How much of `text` is the name of a zone, by the shape of such names; 0 if none.
std::size_t zone_name_size(std::string_view text) {
  if (text.size() < 3) return 0;
  if (text.starts_with("ChST") || text.starts_with("MeST")) return 4;
  if (text.starts_with("GMT")) return 3 + signed_hours_size(text.substr(3));
  if (text[0] == '+' || text[0] == '-') return signed_hours_size(text);
  std::size_t capitals = 0;
  while (capitals < 6 && capitals < text.size() && text[capitals] >= 'A' && text[capitals] <= 'Z') ++capitals;
  if (capitals == 5) return text[4] == 'T' ? 5 : 0;
  if (capitals == 4) return text[3] == 'T' || text.starts_with("WITA") ? 4 : 0;
  return capitals == 3 ? 3 : 0;
}

/// Nothing can be said about a bad text in more detail than: this element does not read.
enum class Outcome { read, bad };

class Parser {
 public:
  Parser(std::string_view layout, std::string_view text) : layout_(layout), text_(text), rest_(text) {}

  Result<Time> parse() {
    for (std::string_view layout = layout_;;) {
      const LayoutChunk chunk = next_chunk(layout);
      if (!skip_literal(chunk.literal)) return cannot_parse(rest_, chunk.literal);
      if (chunk.element == LayoutElement::none) {
        if (!rest_.empty()) return failure(": extra text: " + quote_for_time(rest_));
        break;
      }
      layout = chunk.rest;
      const std::string_view held = rest_;
      const Outcome outcome = read_element(chunk, layout);
      if (!out_of_range_.empty()) return failure(": " + std::string(out_of_range_) + " out of range");
      if (outcome == Outcome::bad) return cannot_parse(held, chunk.spelling);
    }
    return assemble();
  }

 private:
  Error failure(const std::string& message) const {
    return {Errc::invalid, "parsing time " + quote_for_time(text_) + message};
  }
  Error cannot_parse(std::string_view at, std::string_view element) const {
    return failure(" as " + quote_for_time(layout_) + ": cannot parse " + quote_for_time(at) + " as " + quote_for_time(element));
  }

  bool skip_literal(std::string_view literal) {
    while (!literal.empty()) {
      if (literal[0] == ' ') {
        if (!rest_.empty() && rest_[0] != ' ') return false;
        literal.remove_prefix(std::min(literal.find_first_not_of(' '), literal.size()));
        rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
        continue;
      }
      if (rest_.empty() || rest_[0] != literal[0]) return false;
      literal.remove_prefix(1);
      rest_.remove_prefix(1);
    }
    return true;
  }

  Outcome keep(std::optional<int> number, int& target, int low, int high, std::string_view name) {
    if (!number) return Outcome::bad;
    target = *number;
    if (target < low || target > high) out_of_range_ = name;
    return Outcome::read;
  }

  Outcome read_element(const LayoutChunk& chunk, std::string_view layout) {
    using enum LayoutElement;
    const LayoutElement element = chunk.element;
    int ignored = 0;
    switch (element) {
      case none:
        return Outcome::read;
      case year: {
        auto two = take_digits(rest_, 2);
        if (!two) return Outcome::bad;
        civil_.year = *two >= 69 ? *two + 1900 : *two + 2000;
        return Outcome::read;
      }
      case long_year: {
        auto four = take_digits(rest_, 4);
        if (!four) return Outcome::bad;
        civil_.year = *four;
        return Outcome::read;
      }
      case month:
        return keep(take_name(rest_, 1, 12, 3, month_name), month_, 1, 12, "");
      case long_month:
        return keep(take_name(rest_, 1, 12, 9, month_name), month_, 1, 12, "");
      case weekday:
        return keep(take_name(rest_, 0, 7, 3, weekday_name), ignored, 0, 6, "");
      case long_weekday:
        return keep(take_name(rest_, 0, 7, 9, weekday_name), ignored, 0, 6, "");
      case number_month:
      case zero_month:
        return keep(take_number(rest_, element == zero_month), month_, 1, 12, "month");
      case day:
      case under_day:
      case zero_day:
        if (element == under_day && rest_.starts_with(' ')) rest_.remove_prefix(1);
        return keep(take_number(rest_, element == zero_day), day_, 0, 99, "day");
      case under_year_day:
      case zero_year_day:
        return read_year_day(element == zero_year_day);
      case hour:
        return keep(take_number(rest_, false), civil_.hour, 0, 23, "hour");
      case hour12:
      case zero_hour12:
        return keep(take_number(rest_, element == zero_hour12), civil_.hour, 0, 12, "hour");
      case minute:
      case zero_minute:
        return keep(take_number(rest_, element == zero_minute), civil_.minute, 0, 59, "minute");
      case second:
      case zero_second:
        return read_second(element == zero_second, layout);
      case upper_pm:
        return read_half_of_day("AM", "PM");
      case lower_pm:
        return read_half_of_day("am", "pm");
      case iso_offset:
      case iso_short:
      case iso_colon:
      case iso_seconds:
      case iso_colon_seconds:
        if (rest_.starts_with('Z')) {
          rest_.remove_prefix(1);
          in_utc_ = true;
          return Outcome::read;
        }
        return read_offset(chunk.spelling);
      case offset:
      case offset_short:
      case offset_colon:
      case offset_seconds:
      case offset_colon_seconds:
        return read_offset(chunk.spelling);
      case zone_name:
        return read_zone_name();
      case fraction_zeros:
        if (rest_.size() < chunk.spelling.size()) return Outcome::bad;
        return read_fraction(chunk.spelling.size());
      case fraction_nines:
        return starts_fraction(rest_) ? read_fraction(fraction_size()) : Outcome::read;
    }
    return Outcome::bad;
  }

  Outcome read_year_day(bool fixed) {
    if (!fixed)
      for (int i = 0; i < 2 && rest_.starts_with(' '); ++i) rest_.remove_prefix(1);
    std::size_t size = 0;
    while (size < 3 && is_digit_at(rest_, size)) ++size;
    if (size == 0 || (fixed && size != 3)) return Outcome::bad;
    year_day_ = number_of(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return Outcome::read;
  }

  /// A fraction after the seconds is read even if the layout has none.
  Outcome read_second(bool fixed, std::string_view layout) {
    const Outcome outcome = keep(take_number(rest_, fixed), civil_.second, 0, 59, "second");
    if (outcome == Outcome::bad || !out_of_range_.empty() || !starts_fraction(rest_)) return outcome;
    const LayoutElement next = next_chunk(layout).element;
    if (next == LayoutElement::fraction_zeros || next == LayoutElement::fraction_nines) return outcome;
    return read_fraction(fraction_size());
  }

  std::size_t fraction_size() const {
    std::size_t size = 1;
    while (is_digit_at(rest_, size)) ++size;
    return size;
  }

  Outcome read_fraction(std::size_t size) {
    if (size == 0 || (rest_[0] != '.' && rest_[0] != ',')) return Outcome::bad;
    std::int32_t nanos = 0;
    for (std::size_t i = 1; i < 10; ++i) {
      if (i < size && !is_digit_at(rest_, i)) return Outcome::bad;
      nanos = nanos * 10 + (i < size ? rest_[i] - '0' : 0);
    }
    nanoseconds_ = nanos;
    rest_.remove_prefix(size);
    return Outcome::read;
  }

  Outcome read_half_of_day(std::string_view before_noon, std::string_view after_noon) {
    const std::string_view half = rest_.substr(0, 2);
    if (half != before_noon && half != after_noon) return Outcome::bad;
    (half == after_noon ? afternoon_ : morning_) = true;
    rest_.remove_prefix(2);
    return Outcome::read;
  }

  Outcome read_offset(std::string_view spelling) {
    if (rest_.size() < spelling.size()) return Outcome::bad;
    std::string_view text = rest_.substr(0, spelling.size());
    const char sign = text[0];
    text.remove_prefix(1);
    std::array<int, 3> parts{};
    Outcome outcome = Outcome::read;
    const bool colons = spelling.find(':') != std::string_view::npos;
    for (std::size_t i = 0; i < 3 && !text.empty(); ++i) {
      if (i > 0 && colons) {
        if (text[0] != ':') return Outcome::bad;
        text.remove_prefix(1);
      }
      const auto part = take_digits(text, 2);
      if (!part) {
        // Go has looked at the range of the numbers before this one by then.
        outcome = Outcome::bad;
        break;
      }
      parts[i] = *part;
    }
    if (parts[0] > 24) out_of_range_ = "time zone offset hour";
    if (parts[1] > 60) out_of_range_ = "time zone offset minute";
    if (parts[2] > 60) out_of_range_ = "time zone offset second";
    if (outcome == Outcome::bad || (sign != '+' && sign != '-')) return Outcome::bad;
    const int seconds = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    offset_ = sign == '-' ? -seconds : seconds;
    rest_.remove_prefix(spelling.size());
    return Outcome::read;
  }

  Outcome read_zone_name() {
    if (rest_.starts_with("UTC")) {
      in_utc_ = true;
      rest_.remove_prefix(3);
      return Outcome::read;
    }
    const std::size_t size = zone_name_size(rest_);
    if (size == 0) return Outcome::bad;
    zone_name_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return Outcome::read;
  }

  Result<Time> assemble() {
    if (afternoon_ && civil_.hour < 12) civil_.hour += 12;
    if (morning_ && civil_.hour == 12) civil_.hour = 0;
    if (year_day_ >= 0) {
      if (auto problem = use_year_day(); !problem.empty()) return failure(problem);
    }
    civil_.month = month_ < 0 ? 1 : month_;
    civil_.day = day_ < 0 ? 1 : day_;
    if (civil_.day < 1 || civil_.day > days_in_month(civil_.year, civil_.month)) return failure(": day out of range");
    Time time = make_time(civil_, nanoseconds_, nullptr);
    if (in_utc_) return time;
    if (offset_) {
      time.seconds -= *offset_;
      if (*offset_ != 0 || (!zone_name_.empty() && zone_name_ != "UTC"))
        time.zone = Zone::fixed(std::string(zone_name_), *offset_);
    } else if (!zone_name_.empty()) {
      int seconds = 0;
      if (zone_name_.starts_with("GMT") && zone_name_.size() > 3)
        seconds = number_of(zone_name_.substr(4)) * (zone_name_[3] == '-' ? -3600 : 3600);
      // The moment is taken as UTC even then: Go only gives it that look.
      time.zone = Zone::fixed(std::string(zone_name_), seconds);
    }
    return time;
  }

  /// Turns the day of the year into month and day; what is wrong with it, if something is.
  std::string use_year_day() {
    const bool leap = is_leap_year(civil_.year);
    if (year_day_ < 1 || year_day_ > (leap ? 366 : 365)) return ": day-of-year out of range";
    int month = 1, day = year_day_;
    while (day > days_in_month(civil_.year, month)) day -= days_in_month(civil_.year, month++);
    if (month_ >= 0 && month_ != month) return ": day-of-year does not match month";
    if (day_ >= 0 && day_ != day) return ": day-of-year does not match day";
    month_ = month;
    day_ = day;
    return {};
  }

  std::string_view layout_, text_, rest_;
  std::string_view out_of_range_;
  Civil civil_{.year = 0};
  int month_ = -1, day_ = -1, year_day_ = -1;
  std::int32_t nanoseconds_ = 0;
  bool morning_ = false, afternoon_ = false, in_utc_ = false;
  std::optional<int> offset_;
  std::string_view zone_name_;
};

}  // namespace

Result<Time> parse_time(std::string_view layout, std::string_view text) { return Parser(layout, text).parse(); }

}  // namespace sluice::functions
