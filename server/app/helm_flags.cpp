#include "server/app/helm_flags.hpp"

#include <algorithm>

#include "core/value/text.hpp"

namespace sluice::app {

namespace {

Error wrong(std::string what) { return {Errc::invalid, std::move(what)}; }

/// Go's strconv.ParseBool.
bool parse_bool(std::string_view text, bool& value) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return value = true, true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return value = false, true;
  return false;
}

/// One line of CSV. Errors: as Go's encoding/csv words the two that can happen.
Result<std::vector<std::string>> split_csv(std::string_view line) {
  std::vector<std::string> fields;
  if (line.empty()) return fields;
  for (;;) {
    std::string& field = fields.emplace_back();
    if (!line.starts_with('"')) {
      const std::size_t end = std::min(line.find(','), line.size());
      field = line.substr(0, end);
      if (field.find('"') != field.npos) return wrong("parse error on line 1, column 1: bare \" in non-quoted-field");
      line.remove_prefix(end);
    } else {
      line.remove_prefix(1);
      for (;;) {
        const std::size_t quote = line.find('"');
        if (quote == line.npos) return wrong("parse error on line 1, column 1: extraneous or missing \" in quoted-field");
        field += line.substr(0, quote);
        line.remove_prefix(quote + 1);
        if (!line.starts_with('"')) break;
        field += '"';
        line.remove_prefix(1);
      }
      if (!line.empty() && line.front() != ',') {
        return wrong("parse error on line 1, column 1: extraneous or missing \" in quoted-field");
      }
    }
    if (line.empty()) return fields;
    line.remove_prefix(1);
  }
}

const FlagSpec* find_flag(std::span<const FlagSpec> specs, std::string_view name) {
  const auto at = std::find_if(specs.begin(), specs.end(), [&](const FlagSpec& spec) { return spec.name == name; });
  return at == specs.end() ? nullptr : &*at;
}

const FlagSpec* find_flag(std::span<const FlagSpec> specs, char short_name) {
  const auto at = std::find_if(specs.begin(), specs.end(), [&](const FlagSpec& spec) { return spec.short_name == short_name; });
  return at == specs.end() ? nullptr : &*at;
}

}  // namespace

Result<> HelmFlags::add(const FlagSpec& spec, std::string_view shown, std::string value) {
  auto& values = values_[std::string(spec.name)];
  const auto refused = [&](const std::string& why) {
    return wrong("invalid argument " + quoted(value) + " for " + quoted(shown) + " flag: " + why);
  };
  if (spec.type == FlagType::boolean) {
    bool on = false;
    if (!parse_bool(value, on)) return refused("strconv.ParseBool: parsing " + quoted(value) + ": invalid syntax");
    values = {on ? "true" : "false"};
  } else if (spec.type == FlagType::list) {
    auto fields = split_csv(value);
    if (!fields) return refused(fields.error().what);
    values.insert(values.end(), fields->begin(), fields->end());
  } else {
    values.push_back(std::move(value));
  }
  return {};
}

Result<HelmFlags> HelmFlags::parse(std::span<const FlagSpec> specs, const std::vector<std::string>& arguments) {
  HelmFlags flags;
  const auto takes_value = [](const FlagSpec& spec) { return spec.type == FlagType::text || spec.type == FlagType::list; };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      flags.positional_.insert(flags.positional_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      flags.positional_.push_back(argument);
      continue;
    }
    if (argument[1] == '-') {
      const std::size_t equals = argument.find('=');
      const std::string name = argument.substr(2, equals == argument.npos ? argument.npos : equals - 2);
      const FlagSpec* spec = find_flag(specs, name);
      if (!spec) return wrong("unknown flag: --" + name);
      std::string value = equals == argument.npos ? (spec->type == FlagType::boolean ? "true" : "") : argument.substr(equals + 1);
      if (equals == argument.npos && takes_value(*spec)) {
        if (++i == arguments.size()) return wrong("flag needs an argument: --" + name);
        value = arguments[i];
      }
      const std::string shown = spec->short_name ? std::string("-") + spec->short_name + ", --" + name : "--" + name;
      if (auto added = flags.add(*spec, shown, std::move(value)); !added) return std::move(added).error();
      continue;
    }
    for (std::size_t at = 1; at < argument.size(); ++at) {
      const FlagSpec* spec = find_flag(specs, argument[at]);
      const std::string group = argument.substr(at);
      if (!spec) return wrong("unknown shorthand flag: " + std::string("'") + argument[at] + "' in -" + group);
      const std::string shown = std::string("-") + spec->short_name + ", --" + std::string(spec->name);
      const bool has_equals = at + 1 < argument.size() && argument[at + 1] == '=';
      std::string value = "true";
      bool takes_rest = has_equals;
      if (has_equals) {
        value = argument.substr(at + 2);
      } else if (takes_value(*spec)) {
        takes_rest = true;
        if (at + 1 < argument.size()) {
          value = argument.substr(at + 1);
        } else {
          if (++i == arguments.size()) return wrong(std::string("flag needs an argument: '") + argument[at] + "' in -" + group);
          value = arguments[i];
        }
      }
      if (auto added = flags.add(*spec, shown, std::move(value)); !added) return std::move(added).error();
      if (takes_rest) break;
    }
  }
  return flags;
}

bool HelmFlags::is_on(std::string_view name) const { return text(name) == "true"; }

std::string HelmFlags::text(std::string_view name, std::string_view otherwise) const {
  const auto at = values_.find(name);
  return at == values_.end() || at->second.empty() ? std::string(otherwise) : at->second.back();
}

std::vector<std::string> HelmFlags::all(std::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? std::vector<std::string>() : at->second;
}

}  // namespace sluice::app
