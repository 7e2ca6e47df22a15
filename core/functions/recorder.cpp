#include "core/functions/recorder.hpp"

#include <optional>

#include "core/base/digest.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

Error bad_record(std::string_view what) { return {Errc::invalid, "recorded answers: " + std::string(what)}; }

Value text_of(std::string_view text) { return Value::of_string(Text(text)); }

Value pack_text(const Value& value) {
  const Text text = value.text();
  const bool plain = is_utf8(text.view());
  if (plain && !text.has_marks() && value.is_string()) return value;
  Value packed = Value::new_map();
  const Text bare(plain ? text.str() : to_base64(text.view()));
  packed.map()->set(Text(plain ? "$text" : "$base64"), Value::of_string(bare));
  if (!value.is_string()) packed.map()->set(Text("bytes"), Value::of_bool(true));
  std::vector<Value> marks;
  for (const Mark& mark : text.marks()) {
    marks.push_back(Value::of_int64(mark.begin));
    marks.push_back(Value::of_int64(mark.end));
  }
  if (!marks.empty()) packed.map()->set(Text("marks"), Value::new_list(std::move(marks)));
  return packed;
}

Value pack_integer(const Value& value, std::string_view key, std::string digits) {
  Value packed = Value::new_map({{key, text_of(digits)}});
  if (value.secret_bit()) packed = Value::new_map({{"$secret", std::move(packed)}});
  return packed;
}

Result<Value> pack_map(const Value& value) {
  Value packed = Value::new_map();
  bool looks_packed = false;
  for (const auto& [key, element] : *value.map()) {
    auto inner = pack(element);
    if (!inner) return inner;
    looks_packed |= key.view().starts_with('$');
    packed.map()->set(Text(key.view()), std::move(*inner));
  }
  if (looks_packed) packed = Value::new_map({{"$map", std::move(packed)}});
  return packed;
}

std::optional<std::int64_t> integer_in(const Value& value) {
  if (value.kind() == Kind::float64) return static_cast<std::int64_t>(value.as_float());
  if (value.is_integer()) return value.as_int();
  return std::nullopt;
}

Result<Value> unpack_text(const Value& packed) {
  std::string bytes;
  if (const Value* text = packed.find("$text")) {
    bytes = text->str();
  } else if (const Value* coded = packed.find("$base64"); coded && coded->is_string()) {
    auto decoded = from_base64(coded->str());
    if (!decoded) return bad_record("\"$base64\" is not base64");
    bytes = std::move(*decoded);
  }
  Marks marks;
  if (const Value* numbers = packed.find("marks")) {
    const auto items = numbers->items();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      const auto begin = integer_in(items[i]), end = integer_in(items[i + 1]);
      const std::int64_t low = marks.empty() ? 0 : marks.back().end;
      if (!begin || !end || *begin < low || *end <= *begin || *end > static_cast<std::int64_t>(bytes.size()))
        return bad_record("\"marks\" are out of range");
      marks.push_back({static_cast<std::uint32_t>(*begin), static_cast<std::uint32_t>(*end)});
    }
  }
  Text text(bytes, std::move(marks));
  return packed.find("bytes") ? Value::of_bytes(std::move(text)) : Value::of_string(std::move(text));
}

Result<Value> unpack_map(const Value& packed) {
  Value value = Value::new_map();
  for (const auto& [key, element] : *packed.map()) {
    auto inner = unpack(element);
    if (!inner) return inner;
    value.map()->set(key, std::move(*inner));
  }
  return value;
}

Result<Value> unpack_tagged(const Value& packed, std::string_view tag, const Value& content) {
  if (tag == "$text" || tag == "$base64") return unpack_text(packed);
  if (tag == "$map" && content.map()) return unpack_map(content);
  if (tag == "$secret") {
    auto inner = unpack(content);
    if (inner) inner->set_secret_bit(true);
    return inner;
  }
  if (tag == "$uint64")
    if (auto number = parse_uint(content.str(), 10)) return Value::of_uint64(number.value);
  if (tag == "$int64" || tag == "$int")
    if (auto number = parse_int(content.str(), 10))
      return tag == "$int" ? Value::of_int(number.value) : Value::of_int64(number.value);
  return bad_record("do not know \"" + std::string(tag) + '"');
}

std::string question_of(const ObjectQuery& query) {
  return query.api_version + '\n' + query.kind + '\n' + query.namespace_ + '\n' + query.name;
}

Result<std::string> to_bytes(Result<Value> value) {
  if (!value) return std::move(value).error();
  return std::string(value->str());
}

Result<Value> to_value(Result<std::string> bytes) {
  if (!bytes) return std::move(bytes).error();
  return text_of(*bytes);
}

}  // namespace

Result<Value> pack(const Value& value) {
  switch (value.kind()) {
    case Kind::string:
    case Kind::bytes:
      return pack_text(value);
    case Kind::int_:
      return pack_integer(value, "$int", std::to_string(value.as_int()));
    case Kind::int64:
      return pack_integer(value, "$int64", std::to_string(value.as_int()));
    case Kind::uint64:
      return pack_integer(value, "$uint64", std::to_string(value.as_uint()));
    case Kind::map:
      if (value.map()) return pack_map(value);
      return Value();
    case Kind::list: {
      std::vector<Value> items;
      for (const Value& item : value.items()) {
        auto packed = pack(item);
        if (!packed) return packed;
        items.push_back(std::move(*packed));
      }
      return Value::new_list(std::move(items));
    }
    case Kind::nil:
    case Kind::boolean:
    case Kind::float64: {
      if (!value.secret_bit()) return value;
      Value bare = value;
      bare.set_secret_bit(false);
      return Value::new_map({{"$secret", std::move(bare)}});
    }
    case Kind::complex128:
    case Kind::object:
      break;
  }
  return Error{Errc::invalid, "a value of type " + std::string(type_name(value)) + " cannot be recorded"};
}

Result<Value> unpack(const Value& packed) {
  if (packed.is_list()) {
    std::vector<Value> items;
    for (const Value& item : packed.items()) {
      auto value = unpack(item);
      if (!value) return value;
      items.push_back(std::move(*value));
    }
    return Value::new_list(std::move(items));
  }
  if (!packed.map()) return packed;
  for (const auto& [key, content] : *packed.map())
    if (key.view().starts_with('$')) return unpack_tagged(packed, key.view(), content);
  return unpack_map(packed);
}

Result<Recorder> Recorder::repeating(const Value& record) {
  Recorder recorder;
  recorder.repeating_ = true;
  for (const Value& entry : record.items()) {
    const Value* kind = entry.find("kind");
    const Value* question = entry.find("question");
    if (!kind || !question) return bad_record("an entry lacks \"kind\" or \"question\"");
    auto asked = unpack(*question);
    if (!asked) return std::move(asked).error();
    Result<Value> result = Value();
    if (const Value* error = entry.find("error")) {
      const auto code = integer_in(entry.find("code") ? *entry.find("code") : Value());
      result = Error{code && *code >= 0 && *code <= static_cast<int>(Errc::unsupported) ? static_cast<Errc>(*code) : Errc::invalid,
                     std::string(error->str())};
    } else {
      const Value* answer = entry.find("answer");
      result = unpack(answer ? *answer : Value());
      if (!result) return std::move(result).error();
    }
    recorder.answers_.push_back({std::string(kind->str()), std::string(asked->str()), std::move(result)});
  }
  return recorder;
}

Result<Value> Recorder::answer(std::string_view kind, std::string_view question, const std::function<Result<Value>()>& real) {
  if (!repeating_) {
    Result<Value> result = real();
    // Templates may change what they get (set, merge): the record keeps its own copy.
    answers_.push_back({std::string(kind), std::string(question), result ? Result<Value>(deep_copy(*result)) : result});
    return result;
  }
  std::size_t& at = next_[{std::string(kind), std::string(question)}];
  for (; at < answers_.size(); ++at) {
    const Answer& candidate = answers_[at];
    if (candidate.kind != kind || candidate.question != question) continue;
    ++at;
    return candidate.result ? Result<Value>(deep_copy(*candidate.result)) : candidate.result;
  }
  std::string shown(question.substr(0, question.find('\0')));
  for (char& c : shown)
    if (c == '\n') c = '/';
  return bad_record("there is no further answer to " + std::string(kind) + ' ' + shown);
}

Outside Recorder::through(const Outside& real) {
  Outside outside;
  outside.costly = real.costly;
  outside.lookup = [this, ask = real.lookup](const ObjectQuery& query) {
    return answer("lookup", question_of(query), [&]() -> Result<Value> { return ask ? ask(query) : Value::new_map(); });
  };
  if (real.now || repeating_)
    outside.now = [this, ask = real.now]() -> Result<Moment> {
      auto moment = answer("now", "", [&]() -> Result<Value> {
        auto now = ask();
        if (!now) return std::move(now).error();
        return Value::of_int64(now->nanoseconds);
      });
      if (!moment) return std::move(moment).error();
      return Moment{moment->as_int()};
    };
  if (real.random_bytes || repeating_)
    outside.random_bytes = [this, ask = real.random_bytes](std::size_t size) {
      return to_bytes(answer("random", std::to_string(size), [&] { return to_value(ask(size)); }));
    };
  if (real.host_by_name || repeating_)
    outside.host_by_name = [this, ask = real.host_by_name](std::string_view host) {
      return to_bytes(answer("host", host, [&] { return ask ? to_value(ask(host)) : text_of(""); }));
    };
  if (real.zone_file || repeating_)
    outside.zone_file = [this, ask = real.zone_file](std::string_view zone) {
      return to_bytes(answer("zone", zone, [&] { return to_value(ask(zone)); }));
    };
  outside.schema = real.schema;  // decides whether there is a result, not what it is
  outside.once = [this, ask = real.once](std::string_view what, const std::function<Result<Value>()>& make) {
    return answer("once", what, [&] { return ask ? ask(what, make) : make(); });
  };
  return outside;
}

Value Recorder::record() const {
  std::vector<Value> entries;
  for (const Answer& answer : answers_) {
    Value entry = Value::new_map({{"kind", text_of(answer.kind)}});
    // A question may quote bytes of a key or password: pack keeps whatever they are.
    entry.map()->set(Text("question"), *pack(text_of(answer.question)));
    if (answer.result) {
      auto packed = pack(*answer.result);
      entry.map()->set(Text("answer"), packed ? *packed : Value());
    } else {
      entry.map()->set(Text("error"), text_of(answer.result.error().what));
      entry.map()->set(Text("code"), Value::of_int64(static_cast<int>(answer.result.error().code)));
    }
    entries.push_back(std::move(entry));
  }
  return Value::new_list(std::move(entries));
}

}  // namespace sluice::functions
