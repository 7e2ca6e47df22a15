#include "core/functions/time_value.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace sluice::functions {
namespace {

constexpr std::string_view rfc3339 = "2006-01-02T15:04:05.999999999Z07:00";

Value text_of(std::string_view text) { return Value::of_string(Text(text)); }
Error failure(std::string text) { return {Errc::invalid, std::move(text)}; }

/// A number with a name of its own: time.Month, time.Weekday, time.Duration.
class NamedNumber final : public Object {
 public:
  NamedNumber(std::string_view type, std::string_view kind, std::int64_t n, std::string text)
      : number(n), type_(type), kind_(kind), text_(std::move(text)) {}
  std::string_view go_type() const override { return type_; }
  std::string_view go_kind() const override { return kind_; }
  bool string_method(std::string& out) const override {
    out = text_;
    return true;
  }
  std::string default_text() const override { return text_; }
  Value to_plain() const override { return Value::of_int64(number); }
  bool equals(const Object& other) const override {
    const auto* same = dynamic_cast<const NamedNumber*>(&other);
    return same && same->type_ == type_ && same->number == number;
  }
  const Method* method(std::string_view name) const override;

  const std::int64_t number;

 private:
  std::string_view type_, kind_;
  std::string text_;
};

class TimeObject final : public Object {
 public:
  explicit TimeObject(Time t) : time(std::move(t)) {}
  std::string_view go_type() const override { return "time.Time"; }
  const Method* method(std::string_view name) const override;
  bool string_method(std::string& out) const override {
    out = time.text();
    return true;
  }
  std::string default_text() const override { return time.text(); }
  Value to_plain() const override { return text_of(format_time(time, rfc3339)); }
  bool equals(const Object& other) const override {
    const auto* same = dynamic_cast<const TimeObject*>(&other);
    return same && same->time.seconds == time.seconds && same->time.nanoseconds == time.nanoseconds &&
           same->time.monotonic == time.monotonic && same->time.offset().seconds == time.offset().seconds;
  }

  const Time time;
};

const Time& time_of(const Value& receiver) { return static_cast<const TimeObject*>(receiver.object())->time; }
Value integer(std::int64_t number) { return Value::of_int(number); }

Result<const Time*> time_argument(const Value& value) {
  if (const Time* time = time_in(value)) return time;
  return failure("wrong type for value; expected time.Time; got " + std::string(type_name(value)));
}

/// A number of nanoseconds, or a duration that a method returned.
Result<Duration> duration_argument(const Value& value) {
  if (value.kind() == Kind::int_) return Duration(value.as_int());
  if (value.is_object() && value.object()->go_type() == "time.Duration")
    return Duration(static_cast<const NamedNumber*>(value.object())->number);
  return failure("wrong type for value; expected time.Duration; got " + std::string(type_name(value)));
}

int compare(const Time& a, const Time& b) {
  if (a.seconds != b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanoseconds < b.nanoseconds ? -1 : a.nanoseconds > b.nanoseconds ? 1 : 0;
}

using Args = std::span<const Value>;

template <bool (*holds)(int)>
Result<Value> compared(const Value& receiver, Args args) {
  auto other = time_argument(args[0]);
  if (!other) return std::move(other).error();
  return Value::of_bool(holds(compare(time_of(receiver), **other)));
}

/// Nanoseconds since the epoch in units of `nanos`, rounded down.
Value since_epoch(const Time& time, std::int64_t nanos) {
  return Value::of_int64(time.seconds * (1000000000 / nanos) + time.nanoseconds / nanos);
}

/// The part of the time past a multiple of `unit`, counted from Go's zero time.
Duration past_multiple(const Time& time, Duration unit) {
  __extension__ using Wide = __int128;
  const Wide nanos = (Wide{time.seconds} - Time{}.seconds) * 1000000000 + time.nanoseconds;
  const Wide rest = nanos % unit.count();
  return Duration(static_cast<std::int64_t>(rest < 0 ? rest + unit.count() : rest));
}

Result<Value> truncate_time(const Value& receiver, Args args) {
  auto unit = duration_argument(args[0]);
  if (!unit) return std::move(unit).error();
  Time time = time_of(receiver);
  time.monotonic = false;
  if (unit->count() > 0) time = time.plus(-past_multiple(time, *unit));
  return make_time_value(std::move(time));
}

Result<Value> round_time(const Value& receiver, Args args) {
  auto unit = duration_argument(args[0]);
  if (!unit) return std::move(unit).error();
  Time time = time_of(receiver);
  time.monotonic = false;
  if (unit->count() > 0) {
    const Duration rest = past_multiple(time, *unit);
    time = rest < *unit - rest ? time.plus(-rest) : time.plus(*unit - rest);
  }
  return make_time_value(std::move(time));
}


template <Value (*get)(const Time&)>
Result<Value> got(const Value& receiver, Args) {
  return get(time_of(receiver));
}

Value utc_time(const Time& time) {
  Time utc = time.in(nullptr);
  utc.monotonic = false;
  return make_time_value(std::move(utc));
}

template <int Civil::*field>
Value civil_field(const Time& time) {
  return integer(time.civil().*field);
}

const Method time_methods[] = {
    {"Year", {}, false, got<[](const Time& t) { return integer(t.civil().year); }>},
    {"Month", {}, false,
     got<[](const Time& t) {
       const int month = t.civil().month;
       return Value::of_object(make_ref<NamedNumber>("time.Month", "int", month, std::string(month_name(month))));
     }>},
    {"Day", {}, false, got<civil_field<&Civil::day>>},
    {"Hour", {}, false, got<civil_field<&Civil::hour>>},
    {"Minute", {}, false, got<civil_field<&Civil::minute>>},
    {"Second", {}, false, got<civil_field<&Civil::second>>},
    {"Nanosecond", {}, false, got<[](const Time& t) { return integer(t.nanoseconds); }>},
    {"Weekday", {}, false,
     got<[](const Time& t) {
       const int day = t.civil().weekday;
       return Value::of_object(make_ref<NamedNumber>("time.Weekday", "int", day, std::string(weekday_name(day))));
     }>},
    {"YearDay", {}, false, got<civil_field<&Civil::day_of_year>>},
    {"Unix", {}, false, got<[](const Time& t) { return Value::of_int64(t.seconds); }>},
    {"UnixMilli", {}, false, got<[](const Time& t) { return since_epoch(t, 1000000); }>},
    {"UnixMicro", {}, false, got<[](const Time& t) { return since_epoch(t, 1000); }>},
    {"UnixNano", {}, false, got<[](const Time& t) { return since_epoch(t, 1); }>},
    {"UTC", {}, false, got<utc_time>},
    {"Local", {}, false, got<utc_time>},
    {"IsZero", {}, false, got<[](const Time& t) { return Value::of_bool(t.seconds == Time{}.seconds && t.nanoseconds == 0); }>},
    {"IsDST", {}, false, got<[](const Time&) { return Value::of_bool(false); }>},
    {"String", {}, false, got<[](const Time& t) { return text_of(t.text()); }>},
    {"GoString", {}, false, got<[](const Time& t) { return text_of(t.text()); }>},
    {"Format", {GoType::string}, false,
     [](const Value& receiver, Args args) -> Result<Value> { return text_of(format_time(time_of(receiver), args[0].str())); }},
    {"Add", {GoType::any}, false,
     [](const Value& receiver, Args args) -> Result<Value> {
       auto duration = duration_argument(args[0]);
       if (!duration) return std::move(duration).error();
       return make_time_value(time_of(receiver).plus(*duration));
     }},
    {"AddDate", {GoType::int_, GoType::int_, GoType::int_}, false,
     [](const Value& receiver, Args args) -> Result<Value> {
       Time moved = time_of(receiver).plus_date(args[0].as_int(), args[1].as_int(), args[2].as_int());
       moved.monotonic = false;
       return make_time_value(std::move(moved));
     }},
    {"Sub", {GoType::any}, false,
     [](const Value& receiver, Args args) -> Result<Value> {
       auto other = time_argument(args[0]);
       if (!other) return std::move(other).error();
       return make_duration_value(between(**other, time_of(receiver)));
     }},
    {"Truncate", {GoType::any}, false, truncate_time},
    {"Round", {GoType::any}, false, round_time},
    {"Before", {GoType::any}, false, compared<[](int order) { return order < 0; }>},
    {"After", {GoType::any}, false, compared<[](int order) { return 0 < order; }>},
    {"Equal", {GoType::any}, false, compared<[](int order) { return order == 0; }>},
    {"Compare", {GoType::any}, false,
     [](const Value& receiver, Args args) -> Result<Value> {
       auto other = time_argument(args[0]);
       if (!other) return std::move(other).error();
       return integer(compare(time_of(receiver), **other));
     }},
};

std::int64_t number_of(const Value& receiver) { return static_cast<const NamedNumber*>(receiver.object())->number; }

const Method named_methods[] = {
    {"String", {}, false,
     [](const Value& receiver, Args) -> Result<Value> { return text_of(receiver.object()->default_text()); }},
};

template <std::int64_t unit>
Result<Value> in_units(const Value& receiver, Args) {
  return Value::of_float(static_cast<double>(number_of(receiver) / unit) +
                         static_cast<double>(number_of(receiver) % unit) / static_cast<double>(unit));
}

template <std::int64_t unit>
Result<Value> whole_units(const Value& receiver, Args) {
  return Value::of_int64(number_of(receiver) / unit);
}

const Method duration_methods[] = {
    {"Hours", {}, false, in_units<3600000000000>},
    {"Minutes", {}, false, in_units<60000000000>},
    {"Seconds", {}, false, in_units<1000000000>},
    {"Milliseconds", {}, false, whole_units<1000000>},
    {"Microseconds", {}, false, whole_units<1000>},
    {"Nanoseconds", {}, false, whole_units<1>},
    {"Round", {GoType::any}, false,
     [](const Value& receiver, Args args) -> Result<Value> {
       auto unit = duration_argument(args[0]);
       if (!unit) return std::move(unit).error();
       return make_duration_value(round_to(Duration(number_of(receiver)), *unit));
     }},
};

template <std::size_t N>
const Method* find_method(const Method (&methods)[N], std::string_view name) {
  for (const Method& method : methods)
    if (method.name == name) return &method;
  return nullptr;
}

const Method* NamedNumber::method(std::string_view name) const {
  if (const Method* common = find_method(named_methods, name)) return common;
  return type_ == "time.Duration" ? find_method(duration_methods, name) : nullptr;
}

const Method* TimeObject::method(std::string_view name) const { return find_method(time_methods, name); }

}  // namespace

Value make_time_value(Time time) { return Value::of_object(make_ref<TimeObject>(std::move(time))); }

const Time* time_in(const Value& value) {
  if (!value.is_object()) return nullptr;
  const auto* object = dynamic_cast<const TimeObject*>(value.object());
  return object ? &object->time : nullptr;
}

Value make_duration_value(Duration duration) {
  return Value::of_object(make_ref<NamedNumber>("time.Duration", "int64", duration.count(), to_string(duration)));
}

}  // namespace sluice::functions
