#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/helmfile/dialect.hpp"

namespace sluice::helmfile {

namespace {

std::string plain_decimal(double d) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::fixed).ptr;
  return std::string(buffer, end);
}

std::string float_text(double d) {
  if (std::isnan(d)) return ".nan";
  if (std::isinf(d)) return d > 0 ? ".inf" : "-.inf";
  std::string text = plain_decimal(d);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

bool reads_as_number(std::string_view text) {
  auto value = read_yaml(Text(text));
  return value && !value->is_string() && !value->is_map() && !value->is_list() && !value->is_nil() && !value->is_bool();
}

bool is_reserved(std::string_view text) {
  static constexpr std::string_view words[] = {"null",  "Null", "NULL",  "~",     "true",  "True", "TRUE", "false", "False",
                                               "FALSE", "y",    "Y",     "yes",   "Yes",   "YES",  "n",    "N",     "no",
                                               "No",    "NO",   "on",    "On",    "ON",    "off",  "Off",  "OFF",   ".inf",
                                               ".Inf",  ".INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN",  "<<"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

/// Takes a number of `least` to `most` digits, which must be in a range, off the front of `text`.
bool take_number(std::string_view& text, std::size_t least, std::size_t most, int lowest, int highest) {
  std::size_t digits = 0;
  int number = 0;
  while (digits < most && digits < text.size() && text[digits] >= '0' && text[digits] <= '9') number = number * 10 + (text[digits++] - '0');
  text.remove_prefix(digits);
  return digits >= least && number >= lowest && number <= highest;
}

bool take(std::string_view& text, std::string_view one_of) {
  const bool there = !text.empty() && one_of.find(text.front()) != std::string_view::npos;
  if (there) text.remove_prefix(1);
  return there;
}

/// "12:30"
bool is_time(std::string_view text) {
  return take_number(text, 1, 2, 0, 23) && take(text, ":") && take_number(text, 1, 2, 0, 59) && text.empty();
}

/// "2026-11-25", "2026-11-25 08:30:00", "2026-11-25T08:30:00.5Z", "2026-11-25t08:30:00+01:00"
bool is_date(std::string_view text) {
  const bool day = take_number(text, 4, 4, 0, 9999) && take(text, "-") && take_number(text, 2, 2, 1, 12) && take(text, "-") &&
                   take_number(text, 2, 2, 1, 31);
  if (!day || text.empty()) return day;
  const bool has_zone = text.front() != ' ';
  if (!take(text, "Tt ")) return false;
  const bool time = take_number(text, 2, 2, 0, 23) && take(text, ":") && take_number(text, 2, 2, 0, 59) && take(text, ":") &&
                    take_number(text, 2, 2, 0, 59);
  if (!time) return false;
  if (take(text, ".")) text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  if (!has_zone || take(text, "Z")) return text.empty();
  return take(text, "+-") && take_number(text, 2, 2, 0, 24) && take(text, ":") && take_number(text, 2, 2, 0, 59) && text.empty();
}

bool needs_quotes(std::string_view text) {
  if (text.empty() || is_reserved(text) || text == "-") return true;
  if (std::string_view("*&[{}],!|>%'\"@ `").find(text.front()) != std::string_view::npos) return true;
  if (text.back() == ':' || text.back() == ' ' || is_time(text) || is_date(text)) return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '#' || c == '\\' || c < 0x20) return true;
    if ((c == ':' || c == '-') && i + 1 < text.size() && text[i + 1] == ' ') return true;
  }
  return std::string_view("+-.0123456789").find(text.front()) != std::string_view::npos && reads_as_number(text);
}

class Writer {
 public:
  explicit Writer(Quotes quotes) : quotes_(quotes) {}

  Text write(const Value& value) {
    if (is_block(value)) {
      block(value, 0);
    } else {
      scalar(value, 0);
      out_.append('\n');
    }
    return out_.finish();
  }

 private:
  static bool is_block(const Value& value) { return (value.is_map() || value.is_list()) && value.size() > 0; }

  void block(const Value& value, std::size_t indent) {
    if (value.is_map()) {
      map(value, indent, false);
    } else {
      list(value, indent);
    }
  }

  /// `continued`: the first key stands on the line that a "- " began.
  void map(const Value& value, std::size_t indent, bool continued) {
    for (const Map::Entry& entry : *value.map()) {
      if (!continued) out_.append(indent, ' ');
      continued = false;
      text(entry.key, indent, false);
      out_.append(':');
      if (is_block(entry.value)) {
        out_.append('\n');
        block(entry.value, entry.value.is_map() ? indent + 2 : indent);
      } else {
        out_.append(' ');
        scalar(entry.value, indent);
        out_.append('\n');
      }
    }
  }

  void list(const Value& value, std::size_t indent) {
    for (const Value& item : value.items()) {
      out_.append(indent, ' ');
      out_.append("- ");
      if (is_block(item) && item.is_map()) {
        map(item, indent + 2, true);
      } else if (is_block(item)) {
        nested_list(item, indent + 2);
      } else {
        scalar(item, indent);
        out_.append('\n');
      }
    }
  }

  /// A list in a list: its first "- " stands on the line of the outer one.
  void nested_list(const Value& value, std::size_t indent) {
    Writer inner(quotes_);
    inner.list(value, indent);
    const Text text = inner.out_.finish();
    out_.append(text.substr(indent, text.size()));
  }

  void scalar(const Value& value, std::size_t indent) {
    switch (value.kind()) {
      case Kind::map: out_.append("{}"); return;
      case Kind::list: out_.append("[]"); return;
      case Kind::string:
      case Kind::bytes: text(value.text(), indent, true); return;
      case Kind::object: {
        const Value plain = value.object()->to_plain();
        if (!plain.is_object()) return scalar(plain, indent);
        break;
      }
      default: break;
    }
    const Text written = value.is_nil() ? Text("null") : scalar_text(value);
    const std::string shown = value.kind() == Kind::float64 ? float_text(value.as_float()) : written.str();
    if (value.secret_bit()) {
      out_.append_secret(shown);
    } else {
      out_.append(shown);
    }
  }

  void text(const Text& text, std::size_t indent, bool literal_allowed) {
    const std::string_view bytes = text.view();
    if (literal_allowed && bytes.find_first_of("\n\r") != std::string_view::npos) return literal(text, indent + 2);
    if (!needs_quotes(bytes)) return out_.append(text);
    if (quotes_ == Quotes::single && bytes.find_first_of("\n\r") == std::string_view::npos) {
      out_.append('\'');
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t quote = std::min(bytes.find('\'', at), bytes.size());
        out_.append(text.substr(at, quote));
        if (quote < bytes.size()) out_.append("''");
        at = quote + 1;
      }
      out_.append('\'');
      return;
    }
    doubled(text);
  }

  void doubled(const Text& text) {
    out_.append('"');
    for (std::size_t i = 0; i < text.size(); ++i) {
      const Text one = text.substr(i, i + 1);
      const char c = one.view().front();
      std::string escaped;
      if (c == '"' || c == '\\') escaped = std::string("\\") + c;
      if (c == '\n') escaped = "\\n";
      if (c == '\r') escaped = "\\r";
      if (c == '\t') escaped = "\\t";
      if (static_cast<unsigned char>(c) < 0x20 && escaped.empty()) {
        static constexpr char hex[] = "0123456789abcdef";
        escaped = std::string("\\x") + hex[(c >> 4) & 15] + hex[c & 15];
      }
      if (escaped.empty()) {
        out_.append(one);
      } else if (one.has_marks()) {
        out_.append_secret(escaped);
      } else {
        out_.append(escaped);
      }
    }
    out_.append('"');
  }

  void literal(const Text& text, std::size_t indent) {
    const std::string_view bytes = text.view();
    if (bytes.find('\r') != std::string_view::npos || bytes.front() == ' ' || bytes.front() == '\n') return doubled(text);
    out_.append(bytes.ends_with("\n\n") ? "|+" : bytes.ends_with('\n') ? "|" : "|-");
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
      out_.append('\n');
      if (end > at) {
        out_.append(indent, ' ');
        out_.append(text.substr(at, end));
      }
      at = end + 1;
    }
  }

  Quotes quotes_;
  TextBuilder out_;
};

}  // namespace

Text scalar_text(const Value& scalar) {
  std::string text;
  switch (scalar.kind()) {
    case Kind::string:
    case Kind::bytes: return scalar.text();
    case Kind::boolean: text = scalar.as_bool() ? "true" : "false"; break;
    case Kind::int_:
    case Kind::int64: text = std::to_string(scalar.as_int()); break;
    case Kind::uint64: text = std::to_string(scalar.as_uint()); break;
    case Kind::float64: text = plain_decimal(scalar.as_float()); break;
    default: break;
  }
  return scalar.secret_bit() ? Text::secret(text) : Text(text);
}

Text write_yaml(const Value& value, Quotes quotes) { return Writer(quotes).write(value); }

}  // namespace sluice::helmfile
