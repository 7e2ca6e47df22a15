// Dates. The local zone is UTC, as in the containers that Helm runs in.

#include <limits>

#include "core/functions/support.hpp"
#include "core/functions/time_value.hpp"
#include "core/functions/world.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

Time from_seconds(std::int64_t seconds) { return {.seconds = seconds, .nanoseconds = 0, .zone = nullptr, .monotonic = false}; }

Result<Time> current_time(const Call& call) {
  auto moment = read_clock(call);
  if (!moment) return std::move(moment).error();
  return from_seconds(0).plus(Duration(moment->nanoseconds));
}

Result<Value> now(Call& call, Arguments) {
  auto time = current_time(call);
  if (!time) return std::move(time).error();
  time->monotonic = true;
  return make_time_value(std::move(*time));
}

/// A time, or whole numbers as seconds since 1970. Everything else, texts too, silently means now.
Result<Time> time_argument(const Call& call, const Value& value) {
  if (const Time* time = time_in(value)) return *time;
  if (value.is_integer()) return from_seconds(value.as_int());
  return current_time(call);
}

/// Zones that are not known are taken for UTC.
std::shared_ptr<const Zone> find_zone(const Call& call, std::string_view name) {
  if (name.empty() || name == "UTC" || name == "Local") return nullptr;
  const Outside& outside = outside_of(call);
  if (!outside.zone_file || name.find("..") != std::string_view::npos || name[0] == '/' || name[0] == '\\') return nullptr;
  auto file = outside.zone_file(name);
  if (!file) return nullptr;
  auto zone = Zone::parse(*file);
  return zone ? *zone : nullptr;
}

Result<Value> format_in_zone(const Call& call, std::string_view layout, const Value& value, std::string_view zone) {
  auto time = time_argument(call, value);
  if (!time) return std::move(time).error();
  return make_text(format_time(time->in(find_zone(call, zone)), layout));
}

constexpr std::string_view html_layout = "2006-01-02";

Result<Value> date(Call& call, Arguments args) { return format_in_zone(call, args[0].str(), args[1], "Local"); }
Result<Value> date_in_zone(Call& call, Arguments args) { return format_in_zone(call, args[0].str(), args[1], args[2].str()); }
Result<Value> html_date(Call& call, Arguments args) { return format_in_zone(call, html_layout, args[0], "Local"); }
Result<Value> html_date_in_zone(Call& call, Arguments args) { return format_in_zone(call, html_layout, args[0], args[1].str()); }

Result<Value> to_date(Call&, Arguments args) {
  auto time = parse_time(args[0].str(), args[1].str());
  return make_time_value(time ? std::move(*time) : Time{});
}

Result<Value> must_to_date(Call&, Arguments args) {
  auto time = parse_time(args[0].str(), args[1].str());
  if (!time) return std::move(time).error();
  return make_time_value(std::move(*time));
}

/// A nil time arrives as nil: Go's zero time.
Time given_time(const Value& value) {
  const Time* time = time_in(value);
  return time ? *time : Time{};
}

Result<Value> date_modify(Call&, Arguments args) {
  auto duration = parse_duration(args[0].str());
  return make_time_value(duration ? given_time(args[1]).plus(*duration) : given_time(args[1]));
}

Result<Value> must_date_modify(Call&, Arguments args) {
  auto duration = parse_duration(args[0].str());
  if (!duration) return std::move(duration).error();
  return make_time_value(given_time(args[1]).plus(*duration));
}

Result<Value> unix_epoch(Call&, Arguments args) { return make_text(std::to_string(given_time(args[0]).seconds)); }

Result<Value> ago(Call& call, Arguments args) {
  auto present = current_time(call);
  if (!present) return std::move(present).error();
  Time time = *present;
  if (const Time* given = time_in(args[0])) {
    time = *given;
  } else if (args[0].is_integer()) {
    time = from_seconds(args[0].as_int());
  }
  return make_text(to_string(round_to(between(time, *present), std::chrono::seconds(1))));
}

/// Texts and int64 count as seconds; everything else, an int too, as none.
Result<Value> duration(Call&, Arguments args) {
  std::int64_t seconds = 0;
  if (args[0].is_string()) seconds = parse_int(args[0].str(), 10).value;
  if (args[0].kind() == Kind::int64) seconds = args[0].as_int();
  constexpr std::uint64_t nanos = 1000000000;
  return make_text(to_string(Duration(static_cast<std::int64_t>(static_cast<std::uint64_t>(seconds) * nanos))));
}

Result<Value> duration_round(Call& call, Arguments args) {
  Duration length{};
  if (args[0].is_string()) {
    if (auto parsed = parse_duration(args[0].str())) length = *parsed;
  } else if (args[0].kind() == Kind::int64) {
    length = Duration(args[0].as_int());
  } else if (const Time* time = time_in(args[0])) {
    auto present = current_time(call);
    if (!present) return std::move(present).error();
    length = between(*time, *present);
  }
  const auto size = static_cast<std::uint64_t>(length.count() < 0 ? -static_cast<std::uint64_t>(length.count())
                                                                  : static_cast<std::uint64_t>(length.count()));
  constexpr std::uint64_t second = 1000000000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
  constexpr std::pair<std::uint64_t, std::string_view> units[] = {{365 * day, "y"}, {30 * day, "mo"}, {day, "d"},
                                                                  {hour, "h"},      {minute, "m"},    {second, "s"}};
  for (const auto& [unit, name] : units)
    if (size > unit) return make_text(std::to_string(size / unit) + std::string(name));
  return make_text("0s");
}

}  // namespace

void add_date_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, string = GoType::string;
  const Parameter time(GoType::object, "time.Time");
  define(table, {
                    {"now", {}, now},
                    {"date", {string, any}, date},
                    {"dateInZone", {string, any, string}, date_in_zone},
                    {"date_in_zone", {string, any, string}, date_in_zone},
                    {"htmlDate", {any}, html_date},
                    {"htmlDateInZone", {any, string}, html_date_in_zone},
                    {"toDate", {string, string}, to_date},
                    {"mustToDate", {string, string}, must_to_date},
                    {"dateModify", {string, time}, date_modify},
                    {"date_modify", {string, time}, date_modify},
                    {"mustDateModify", {string, time}, must_date_modify},
                    {"must_date_modify", {string, time}, must_date_modify},
                    {"unixEpoch", {time}, unix_epoch},
                    {"ago", {any}, ago},
                    {"duration", {any}, duration},
                    {"durationRound", {any}, duration_round},
                });
}

}  // namespace sluice::functions
