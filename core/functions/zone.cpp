#include <algorithm>
#include <charconv>

#include "core/functions/time.hpp"

namespace sluice::functions {
namespace {

constexpr std::int64_t day_seconds = 86400;
constexpr std::size_t most_changes = 10000;  // the longest history known has a few hundred

Error bad_zone(std::string_view why) { return {Errc::invalid, "time zone file: " + std::string(why)}; }

/// Big-endian numbers out of bytes whose size was checked before.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}
  std::int64_t number(std::size_t size) {
    std::uint64_t number = 0;
    for (char c : take(size)) number = number << 8 | static_cast<unsigned char>(c);
    return size == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(number)) : static_cast<std::int64_t>(number);
  }
  std::string_view take(std::size_t size) {
    auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::size_t size() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

struct Header {
  int version = 0;
  std::size_t utc_flags = 0, standard_flags = 0, leaps = 0, changes = 0, types = 0, name_bytes = 0;
  std::size_t body_size(std::size_t time_size) const {
    return changes * (time_size + 1) + types * 6 + name_bytes + leaps * (time_size + 4) + standard_flags + utc_flags;
  }
};

Result<Header> read_header(Bytes& bytes) {
  if (bytes.size() < 44) return bad_zone("cut off");
  if (bytes.take(4) != "TZif") return bad_zone("does not start with TZif");
  Header header;
  header.version = bytes.take(1)[0] == '\0' ? 1 : 2;
  bytes.take(15);
  for (std::size_t* count : {&header.utc_flags, &header.standard_flags, &header.leaps, &header.changes, &header.types,
                             &header.name_bytes}) {
    const std::int64_t number = bytes.number(4);
    if (number < 0 || number > static_cast<std::int64_t>(most_changes)) return bad_zone("has a count out of range");
    *count = static_cast<std::size_t>(number);
  }
  if (header.types == 0) return bad_zone("has no type");
  return header;
}

/// The rule for the years to come, as in the TZ variable of POSIX: "CET-1CEST,M3.5.0,M10.5.0/3".
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  std::optional<Zone::Rule> read() {
    Zone::Rule rule;
    if (!read_name(rule.standard.name) || !read_time(rule.standard.seconds)) return std::nullopt;
    rule.standard.seconds = -rule.standard.seconds;
    rule.standard.summer = false;
    if (rest_.empty()) return rule;
    rule.has_summer = true;
    rule.summer.summer = true;
    if (!read_name(rule.summer.name)) return std::nullopt;
    rule.summer.seconds = rule.standard.seconds + 3600;
    if (!rest_.empty() && rest_[0] != ',') {
      if (!read_time(rule.summer.seconds)) return std::nullopt;
      rule.summer.seconds = -rule.summer.seconds;
    }
    if (!read_date(rule.starts) || !read_date(rule.ends) || !rest_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool read_name(std::string& name) {
    const bool quoted = take('<');
    std::size_t end = 0;
    while (end < rest_.size() && (quoted ? rest_[end] != '>' : (rest_[end] | 0x20) >= 'a' && (rest_[end] | 0x20) <= 'z')) ++end;
    name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return end >= 3 && (!quoted || take('>'));
  }
  bool read_int(int& number) {
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }
  bool read_time(int& seconds) {
    const bool negative = take('-');
    if (!negative) take('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!read_int(hours) || (take(':') && (!read_int(minutes) || (take(':') && !read_int(rest))))) return false;
    if (hours < 0 || hours > 167) return false;
    seconds = hours * 3600 + minutes * 60 + rest;
    if (negative) seconds = -seconds;
    return true;
  }
  bool read_date(Zone::Date& date) {
    if (!take(',')) return false;
    if (take('M')) {
      date.form = Zone::Date::Form::month_week_day;
      if (!read_int(date.month) || !take('.') || !read_int(date.week) || !take('.') || !read_int(date.day)) return false;
      if (date.month < 1 || date.month > 12 || date.week < 1 || date.week > 5 || date.day < 0 || date.day > 6) return false;
    } else {
      date.form = take('J') ? Zone::Date::Form::julian : Zone::Date::Form::day_of_year;
      if (!read_int(date.day) || date.day < 0 || date.day > 366) return false;
    }
    int second = 7200;
    if (take('/') && !read_time(second)) return false;
    date.second = second;
    return true;
  }

  std::string_view rest_;
};

/// Seconds from the start of `year` to `date`, on the wall clock.
std::int64_t second_of_year(const Zone::Date& date, std::int64_t year) {
  std::int64_t day = date.day;
  if (date.form == Zone::Date::Form::julian) {
    day = date.day - 1 + (is_leap_year(year) && date.day >= 60 ? 1 : 0);
  } else if (date.form == Zone::Date::Form::month_week_day) {
    const Civil first = make_time({.year = year, .month = date.month, .day = 1}, 0, nullptr).civil();
    int in_month = (date.day - first.weekday + 7) % 7 + (date.week - 1) * 7;
    if (in_month >= days_in_month(year, date.month)) in_month -= 7;
    day = first.day_of_year - 1 + in_month;
  }
  return day * day_seconds + date.second;
}

const Zone::Type& type_by_rule(const Zone::Rule& rule, std::int64_t unix_seconds) {
  if (!rule.has_summer) return rule.standard;
  const Time local{.seconds = unix_seconds + rule.standard.seconds, .nanoseconds = 0, .zone = nullptr, .monotonic = false};
  const std::int64_t year = local.civil().year;
  const std::int64_t start_of_year = make_time({.year = year, .month = 1, .day = 1}, 0, nullptr).seconds;
  const std::int64_t second = unix_seconds - start_of_year;
  const std::int64_t starts = second_of_year(rule.starts, year) - rule.standard.seconds;
  const std::int64_t ends = second_of_year(rule.ends, year) - rule.summer.seconds;
  const bool summer = starts < ends ? second >= starts && second < ends : second >= starts || second < ends;
  return summer ? rule.summer : rule.standard;
}

}  // namespace

std::shared_ptr<const Zone> Zone::utc() {
  static const auto zone = fixed("UTC", 0);
  return zone;
}

std::shared_ptr<const Zone> Zone::fixed(std::string name, int seconds) {
  auto zone = std::make_shared<Zone>();
  zone->types_.push_back({std::move(name), seconds, false});
  return zone;
}

Result<std::shared_ptr<const Zone>> Zone::parse(std::string_view zone_file) {
  Bytes bytes(zone_file);
  auto header = read_header(bytes);
  if (!header) return std::move(header).error();
  std::size_t time_size = 4;
  if (header->version >= 2) {
    // The first body is for old readers; the one that counts follows it.
    bytes.take(header->body_size(4));
    header = read_header(bytes);
    if (!header) return std::move(header).error();
    time_size = 8;
  }
  if (bytes.size() < header->body_size(time_size)) return bad_zone("cut off");
  auto zone = std::make_shared<Zone>();
  for (std::size_t i = 0; i < header->changes; ++i) zone->changes_.push_back({bytes.number(time_size), 0});
  for (Change& change : zone->changes_) {
    change.type = static_cast<unsigned char>(bytes.take(1)[0]);
    if (change.type >= header->types) return bad_zone("names a type it does not have");
  }
  std::vector<std::size_t> names;
  for (std::size_t i = 0; i < header->types; ++i) {
    Type type;
    type.seconds = static_cast<int>(bytes.number(4));
    type.summer = bytes.take(1)[0] != 0;
    names.push_back(static_cast<unsigned char>(bytes.take(1)[0]));
    zone->types_.push_back(std::move(type));
  }
  const std::string_view all_names = bytes.take(header->name_bytes);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] >= all_names.size()) return bad_zone("names a text it does not have");
    zone->types_[i].name = all_names.substr(names[i], all_names.substr(names[i]).find('\0'));
  }
  bytes.take(header->leaps * (time_size + 4) + header->standard_flags + header->utc_flags);
  std::string_view footer = bytes.take(bytes.size());
  if (time_size == 8 && footer.size() > 2) zone->after_ = RuleReader(footer.substr(1, footer.size() - 2)).read();
  return std::shared_ptr<const Zone>(std::move(zone));
}

ZoneOffset Zone::at(std::int64_t unix_seconds) const {
  auto later = std::upper_bound(changes_.begin(), changes_.end(), unix_seconds,
                                [](std::int64_t moment, const Change& change) { return moment < change.from; });
  const Type* type = nullptr;
  if (later == changes_.end() && after_) {
    type = &type_by_rule(*after_, unix_seconds);
  } else if (later == changes_.begin()) {
    auto standard = std::find_if(types_.begin(), types_.end(), [](const Type& t) { return !t.summer; });
    type = changes_.empty() || standard == types_.end() ? &types_[0] : &*standard;
  } else {
    type = &types_[std::prev(later)->type];
  }
  return {type->name, type->seconds};
}

}  // namespace sluice::functions
