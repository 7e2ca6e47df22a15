#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <set>

#include "core/helmfile/dialect.hpp"

namespace sluice::helmfile {

namespace {

constexpr std::size_t max_depth = 100;
constexpr std::size_t max_nodes = 500'000;  // counted through aliases

struct Failure {
  Error error;
};

[[noreturn]] void fail(std::size_t line, const std::string& what) {
  throw Failure{{Errc::invalid, "line " + std::to_string(line) + ": " + what}};
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

template <class Number>
std::optional<Number> parse_whole(std::string_view digits, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_float(std::string_view digits) {
  double number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<Value> parse_number(std::string_view text) {
  if (text.empty() || text.front() == '_' || text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots > 1) return std::nullopt;
  const bool negative = text.front() == '-';
  std::string digits(text);
  if (digits.front() == '+' || digits.front() == '-') digits.erase(0, 1);
  std::erase(digits, '_');
  if (digits.empty() || digits.front() == '-' || digits.front() == '+') return std::nullopt;
  const std::string sign = negative ? "-" : "";
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0o") || digits.starts_with("0b")) {
    base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : 2;
    digits.erase(0, 2);
  } else if (digits.starts_with("0") && digits.size() > 1 && dots == 0) {
    base = 8;
  } else if (dots == 1) {
    if (digits.find_first_not_of("0123456789.eE+-") != std::string::npos) return std::nullopt;
    const auto number = parse_float(sign + digits);
    return number ? std::optional(Value::of_float(*number)) : std::nullopt;
  }
  if (negative) {
    const auto number = parse_whole<std::int64_t>(sign + digits, base);
    return number ? std::optional(Value::of_int64(*number)) : std::nullopt;
  }
  const auto number = parse_whole<std::uint64_t>(digits, base);
  return number ? std::optional(Value::of_uint64(*number)) : std::nullopt;
}

Value resolve_plain(const Text& text) {
  const std::string_view s = text.view();
  Value value;
  if (s.empty() || is_one_of(s, {"null", "Null", "NULL", "~"})) return value;
  if (is_one_of(s, {"true", "True", "TRUE"})) {
    value = Value::of_bool(true);
  } else if (is_one_of(s, {"false", "False", "FALSE"})) {
    value = Value::of_bool(false);
  } else if (is_one_of(s, {".inf", ".Inf", ".INF"})) {
    value = Value::of_float(std::numeric_limits<double>::infinity());
  } else if (is_one_of(s, {"-.inf", "-.Inf", "-.INF"})) {
    value = Value::of_float(-std::numeric_limits<double>::infinity());
  } else if (is_one_of(s, {".nan", ".NaN", ".NAN"})) {
    value = Value::of_float(std::numeric_limits<double>::quiet_NaN());
  } else if (auto number = parse_number(s)) {
    value = *number;
  } else {
    return Value::of_string(text);
  }
  value.set_secret_bit(text.has_marks());
  return value;
}

/// Finds the bytes of a scalar's value in its source, so that marks of the source carry over to the value.
class MarkFinder {
 public:
  explicit MarkFinder(const Text& source) : source_(source) {
    if (!source.has_marks()) return;
    const std::string_view bytes = source.view();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if ((static_cast<unsigned char>(bytes[i]) & 0xC0) != 0x80) character_at_.push_back(i);
    }
    character_at_.push_back(bytes.size());
  }

  /// `begin` and `end` count characters, as libyaml does.
  Text value(std::string_view value, std::size_t begin, std::size_t end) const {
    if (!source_.has_marks()) return Text(value);
    const std::size_t from = byte_of(begin);
    const std::size_t to = byte_of(end);
    const auto overlaps = [&](const Mark& mark) { return mark.begin < to && mark.end > from; };
    const auto marks = source_.marks();
    if (std::none_of(marks.begin(), marks.end(), overlaps)) return Text(value);
    const auto places = align(value, from, to);
    if (!places) return Text::secret(value);
    TextBuilder out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const std::size_t place = (*places)[i];
      const bool marked =
          std::any_of(marks.begin(), marks.end(), [place](const Mark& m) { return m.begin <= place && place < m.end; });
      if (marked) {
        out.append_secret(value.substr(i, 1));
      } else {
        out.append(value[i]);
      }
    }
    return out.finish();
  }

 private:
  std::size_t byte_of(std::size_t character) const { return character_at_[std::min(character, character_at_.size() - 1)]; }

  /// For each byte of `value` the byte of the source it was read from; nothing if escapes or folding stand in between.
  std::optional<std::vector<std::size_t>> align(std::string_view value, std::size_t from, std::size_t to) const {
    const std::string_view bytes = source_.view();
    std::vector<std::size_t> places;
    places.reserve(value.size());
    std::size_t at = from;
    if (at < to && (bytes[at] == '|' || bytes[at] == '>')) {
      if (bytes[at] == '>') return std::nullopt;
      at = std::min(bytes.find('\n', at), to);
      at = std::min(at + 1, to);
      for (bool line_start = true; char c : value) {
        if (line_start && c != '\n') {
          const std::size_t indent = bytes.find_first_not_of(' ', at);
          // a line's own leading blanks belong to the value: go back by as many as it has
          const std::size_t own = leading_blanks(value.substr(places.size()));
          if (indent == std::string_view::npos || indent < at + own) return std::nullopt;
          at = indent - own;
        } else if (line_start) {
          at = std::min(bytes.find('\n', at), to);
        }
        if (at >= to || bytes[at] != c) return std::nullopt;
        places.push_back(at++);
        line_start = c == '\n';
      }
      return places;
    }
    if (at < to && (bytes[at] == '"' || bytes[at] == '\'')) ++at;
    if (bytes.substr(at, value.size()) != value) return std::nullopt;
    for (std::size_t i = 0; i < value.size(); ++i) places.push_back(at + i);
    return places;
  }

  static std::size_t leading_blanks(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

  const Text& source_;
  std::vector<std::size_t> character_at_;
};

struct ParserDelete {
  void operator()(yaml_parser_t* parser) const {
    yaml_parser_delete(parser);
    delete parser;
  }
};

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }
  yaml_event_t* operator->() { return &event_; }
  yaml_event_t* get() { return &event_; }
  std::size_t line() const { return event_.start_mark.line + 1; }

 private:
  yaml_event_t event_{};
};

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

class Reader {
 public:
  Reader(const Text& yaml, const ReadRules& rules) : yaml_(yaml), rules_(rules), marks_(yaml), parser_(new yaml_parser_t) {
    if (yaml_parser_initialize(parser_.get()) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(parser_.get(), YAML_UTF8_ENCODING);
    // an empty text too must have an address
    yaml_parser_set_input_string(parser_.get(), reinterpret_cast<const unsigned char*>(yaml_.c_str()), yaml_.size());
  }

  std::vector<Value> documents() {
    std::vector<Value> all;
    for (;;) {
      Event event;
      next(event);
      if (event->type == YAML_STREAM_END_EVENT) return all;
      if (event->type != YAML_DOCUMENT_START_EVENT) continue;
      anchors_.clear();
      Event root;
      next(root);
      all.push_back(node(root, 0));
    }
  }

 private:
  void next(Event& event) {
    if (yaml_parser_parse(parser_.get(), event.get()) != 0) return;
    std::string what = parser_->problem == nullptr ? "not YAML" : parser_->problem;
    if (parser_->context != nullptr) what = std::string(parser_->context) + ": " + what;
    fail(parser_->problem_mark.line + 1, what);
  }

  void count(std::size_t line, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > max_nodes) fail(line, "more than " + std::to_string(max_nodes) + " values, counted through aliases");
  }

  struct Anchored {
    Value value;
    std::size_t nodes;
  };

  Value node(Event& event, std::size_t depth) {
    if (depth > max_depth) fail(event.line(), "more than " + std::to_string(max_depth) + " levels");
    const std::size_t before = nodes_;
    count(event.line(), 1);
    Value value;
    std::string anchor;
    switch (event->type) {
      case YAML_ALIAS_EVENT: {
        const auto found = anchors_.find(std::string(view(event->data.alias.anchor)));
        if (found == anchors_.end()) {
          fail(event.line(), "unknown anchor" + (yaml_.has_marks() ? "" : " *" + std::string(view(event->data.alias.anchor))));
        }
        count(event.line(), found->second.nodes);
        return found->second.value;
      }
      case YAML_SCALAR_EVENT:
        anchor = view(event->data.scalar.anchor);
        value = scalar(event);
        break;
      case YAML_SEQUENCE_START_EVENT:
        anchor = view(event->data.sequence_start.anchor);
        value = list(depth);
        break;
      case YAML_MAPPING_START_EVENT:
        anchor = view(event->data.mapping_start.anchor);
        value = map(depth);
        break;
      default: fail(event.line(), "unexpected end");
    }
    if (!anchor.empty()) anchors_[anchor] = {value, nodes_ - before};
    return value;
  }

  Text scalar_source(Event& event) {
    const std::string_view value(reinterpret_cast<const char*>(event->data.scalar.value), event->data.scalar.length);
    return marks_.value(value, event->start_mark.index, event->end_mark.index);
  }

  Value scalar(Event& event) {
    const Text text = scalar_source(event);
    const std::string_view tag = view(event->data.scalar.tag);
    if (tag.empty()) {
      return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? resolve_plain(text) : Value::of_string(text);
    }
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return Value::of_string(text);
    if (is_one_of(tag,
                  {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"})) {
      return resolve_plain(text);
    }
    fail(event.line(), "the tag " + std::string(tag) + " is not supported");
  }

  Value list(std::size_t depth) {
    std::vector<Value> items;
    for (;;) {
      Event event;
      next(event);
      if (event->type == YAML_SEQUENCE_END_EVENT) return Value::new_list(std::move(items));
      items.push_back(node(event, depth + 1));
    }
  }

  void merge(Map& into, const Value& from, std::size_t line) {
    if (from.is_list()) {
      for (const Value& one : from.items()) merge(into, one, line);
      return;
    }
    if (!from.is_map()) fail(line, "<< needs a map or a list of maps");
    if (from.map() == nullptr) return;
    for (const Map::Entry& entry : *from.map()) into.set(entry.key, entry.value);
  }

  Value map(std::size_t depth) {
    auto map = make_ref<Map>();
    std::set<std::string, std::less<>> seen;
    for (;;) {
      Event key;
      next(key);
      if (key->type == YAML_MAPPING_END_EVENT) break;
      Text name;
      if (key->type == YAML_SCALAR_EVENT) {
        count(key.line(), 1);
        name = scalar_source(key);
      } else {
        const Value aliased = key->type == YAML_ALIAS_EVENT ? node(key, depth + 1) : Value();
        if (!aliased.is_string()) fail(key.line(), "a key must be a text");
        name = aliased.text();
      }
      const bool is_merge =
          name.view() == "<<" && key->type == YAML_SCALAR_EVENT && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      Event event;
      next(event);
      Value value = node(event, depth + 1);
      if (is_merge) {
        merge(*map, value, key.line());
        continue;
      }
      if (!seen.insert(name.str()).second && !rules_.duplicate_keys) {
        fail(key.line(), name.has_marks() ? "a key is defined twice" : "mapping key \"" + name.str() + "\" already defined");
      }
      if (rules_.lines != nullptr) (*rules_.lines)[map.get()][name.str()] = key.line();
      map->set(name, std::move(value));
    }
    return Value::of_map(std::move(map));
  }

  const Text yaml_;
  const ReadRules& rules_;
  MarkFinder marks_;
  std::unique_ptr<yaml_parser_t, ParserDelete> parser_;
  std::map<std::string, Anchored, std::less<>> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<std::vector<Value>> read_yaml_documents(const Text& yaml, const ReadRules& rules) {
  try {
    return Reader(yaml, rules).documents();
  } catch (Failure& failure) {
    return std::move(failure.error);
  }
}

Result<Value> read_yaml(const Text& yaml, const ReadRules& rules) {
  auto documents = read_yaml_documents(yaml, rules);
  if (!documents) return std::move(documents).error();
  return documents->empty() ? Value() : documents->front();
}

}  // namespace sluice::helmfile
