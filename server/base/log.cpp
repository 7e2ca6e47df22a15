#include "server/base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>

#include "server/base/clock.hpp"
#include "server/base/log_text.hpp"

namespace sluice {

namespace {

constexpr std::size_t line_limit = 16 * 1024;
constexpr std::size_t error_limit = 4000;

struct Output {
  std::mutex guard;
  spdlog::logger logger{"sluice", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  std::function<void(std::string_view)> instead;

  Output() {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);
  }
};

/// Never destroyed: threads may log until the process is gone.
Output& output() {
  static auto* one = new Output;
  return *one;
}

std::atomic<LogLevel> lowest{LogLevel::info};

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
  }
  return "error";
}

std::string quoted(std::string_view text) { return '"' + json_escaped(text) + '"'; }

std::string json_number(double number) {
  if (!std::isfinite(number)) return "null";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", number);
  return text.data();
}

std::string json_value(std::string_view name, const LogField& field) {
  struct Visitor {
    std::string_view name;
    std::string operator()(std::string_view text) const { return quoted(shown(text, name == "error" ? error_limit : 200)); }
    std::string operator()(bool yes) const { return yes ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(std::uint64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return json_number(number); }
  };
  return std::visit(Visitor{name}, field.value());
}

/// `,"name":value` of each field, in the message's order, and the message without them.
std::string message_and_fields(std::string_view message, std::initializer_list<LogField> fields) {
  std::string values;
  std::string_view words = message;
  std::size_t at = 0;
  for (const LogField& field : fields) {
    const std::size_t brace = message.find("={}", at);
    const std::size_t space = message.rfind(' ', brace);
    const std::size_t begin = space == std::string_view::npos ? 0 : space + 1;
    if (at == 0) words = message.substr(0, begin == 0 ? 0 : begin - 1);
    const std::string_view name = message.substr(begin, brace - begin);
    const std::string value = json_value(name, field);
    if (values.size() + value.size() < line_limit - 512) values += "," + quoted(name) + ":" + value;
    at = brace + 3;
  }
  return quoted(words) + values;
}

}  // namespace

void Logger::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
  if (level < lowest.load(std::memory_order_relaxed)) return;
  static const Clock clock = system_clock();
  std::string line = "{\"time\":\"" + to_rfc3339(clock.wall()) + "\",\"mono\":" +
                     json_number(std::chrono::duration<double>(clock.monotonic()).count()) + ",\"level\":\"";
  line += level_name(level);
  line += "\",\"logger\":" + quoted(name_) + ",\"msg\":" + message_and_fields(message, fields) + "}";
  Output& out = output();
  const std::lock_guard lock{out.guard};
  if (out.instead) {
    out.instead(line);
  } else {
    out.logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }
}

void set_log_level(LogLevel level) { lowest = level; }

void set_log_output(std::function<void(std::string_view line)> to) {
  Output& out = output();
  const std::lock_guard lock{out.guard};
  out.instead = std::move(to);
}

}  // namespace sluice
