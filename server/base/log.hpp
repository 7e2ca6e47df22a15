#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace sluice {

/// error: a person must act; warn: sluice coped; info: a deployment changed state; debug: exchanges with the outside.
enum class LogLevel { debug, info, warn, error };

/// One fact of a log line. There is none of a Secret, so logging one does not compile.
class LogField {
 public:
  LogField(std::string_view text) : value_(text) {}
  LogField(const std::string& text) : value_(std::string_view(text)) {}
  LogField(const char* text) : value_(std::string_view(text)) {}
  LogField(bool yes) : value_(yes) {}
  LogField(std::signed_integral auto number) : value_(static_cast<std::int64_t>(number)) {}
  LogField(std::unsigned_integral auto number) : value_(static_cast<std::uint64_t>(number)) {}
  LogField(double number) : value_(number) {}
  /// In milliseconds.
  template <class Rep, class Period>
  LogField(std::chrono::duration<Rep, Period> time)
      : value_(std::chrono::duration_cast<std::chrono::duration<double, std::milli>>(time).count()) {}

  const auto& value() const { return value_; }

 private:
  std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double> value_;
};

/// The constant text of a log line, ending in the names of its fields: "deployment queued id={} repo={}".
template <class... Fields>
struct LogMessage {
  template <std::size_t size>
  consteval LogMessage(const char (&literal)[size]) : text(literal, size - 1) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 2 < size; ++i) count += literal[i] == '=' && literal[i + 1] == '{' && literal[i + 2] == '}' ? 1 : 0;
    if (count != sizeof...(Fields)) throw "as many fields must follow as the message has name={}";
  }
  std::string_view text;
};

/// Writes one JSON object a line to standard error:
///   {"time":"2026-11-25T01:05:21.123Z","mono":512.040,"level":"info","logger":"store","msg":"deployment queued","id":7}
///
/// One logger a server folder, a namespace-scope constant: `const Logger log{"store"};`. Any thread may use it.
/// Text in fields is cut after 200 characters (an `error` after 4 000) and cannot break out of its line: control
/// characters, ESC, bidirectional controls and bytes that are not UTF-8 appear as marks such as <U+001B>.
class Logger {
 public:
  explicit constexpr Logger(std::string_view name) : name_(name) {}

  template <class... Fields>
  void debug(LogMessage<std::type_identity_t<Fields>...> message, const Fields&... fields) const {
    write(LogLevel::debug, message.text, {LogField(fields)...});
  }
  template <class... Fields>
  void info(LogMessage<std::type_identity_t<Fields>...> message, const Fields&... fields) const {
    write(LogLevel::info, message.text, {LogField(fields)...});
  }
  template <class... Fields>
  void warn(LogMessage<std::type_identity_t<Fields>...> message, const Fields&... fields) const {
    write(LogLevel::warn, message.text, {LogField(fields)...});
  }
  template <class... Fields>
  void error(LogMessage<std::type_identity_t<Fields>...> message, const Fields&... fields) const {
    write(LogLevel::error, message.text, {LogField(fields)...});
  }

 private:
  void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const;
  std::string_view name_;
};

/// Lines below `level` are not written. At start: info.
void set_log_level(LogLevel level);

/// Sends the lines (without their line break) to `output` instead of standard error; nothing = standard error again. For tests.
void set_log_output(std::function<void(std::string_view line)> output);

}  // namespace sluice
