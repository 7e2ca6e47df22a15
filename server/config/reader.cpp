#include "server/config/reader.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace sluice::config {

void Problems::add(const YAML::Node& at, const std::string& key, const std::string& text) {
  const YAML::Mark mark = at ? at.Mark() : YAML::Mark::null_mark();
  lines_.push_back({std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, key.empty() ? text : key + ": " + text});
}

std::string Problems::text() const {
  auto sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Line& a, const Line& b) { return std::pair(a.line, a.column) < std::pair(b.line, b.column); });
  std::string all;
  for (const auto& line : sorted) {
    if (!all.empty()) all += '\n';
    all += file_ + ":" + std::to_string(line.line) + ":" + std::to_string(line.column) + ": " + line.text;
  }
  return all;
}

static std::string found(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Sequence: return "a list";
    case YAML::NodeType::Map: return "a mapping";
    case YAML::NodeType::Scalar: return "\"" + node.Scalar() + "\"";
    default: return "nothing";
  }
}

Section::Section(YAML::Node node, std::string key, Problems& problems)
    : node_(std::move(node)), key_(std::move(key)), problems_(problems) {
  if (!node_.IsMap()) return;
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) {
      problems_.add(entry.first, key_, "a key must be plain text, found " + found(entry.first));
    } else if (!seen.insert(entry.first.Scalar()).second) {
      problems_.add(entry.first, path(entry.first.Scalar()), "is given twice");
    }
  }
}

YAML::Node Section::get(const char* key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  const YAML::Node& constant = node_;
  return constant[key];
}

bool Section::has(const char* key) { return get(key).IsDefined() && !get(key).IsNull(); }

void Section::problem(const char* key, const std::string& text) {
  const YAML::Node at = get(key);
  problems_.add(at.IsDefined() ? at : node_, path(key), text);
}

bool Section::scalar(const char* key, std::string& into) {
  const YAML::Node node = get(key);
  if (!node.IsDefined()) return false;
  if (!node.IsScalar()) {
    problems_.add(node, path(key), "expected a text, found " + found(node));
    return false;
  }
  into = node.Scalar();
  return true;
}

void Section::text(const char* key, std::string& into) { scalar(key, into); }

void Section::required_text(const char* key, std::string& into) {
  if (!get(key).IsDefined()) {
    problems_.add(node_, path(key), "is missing");
  } else if (scalar(key, into) && into.empty()) {
    problem(key, "must not be empty");
  }
}

void Section::choice(const char* key, std::initializer_list<const char*> allowed, int& into) {
  std::string word;
  if (!scalar(key, word)) return;
  std::string list;
  int index = 0;
  for (const char* one : allowed) {
    if (word == one) {
      into = index;
      return;
    }
    list += (index++ ? ", " : "") + std::string(one);
  }
  problem(key, "expected one of " + list + ", found \"" + word + "\"");
}

void Section::boolean(const char* key, bool& into) {
  std::string word;
  if (!scalar(key, word)) return;
  if (word != "true" && word != "false") return problem(key, "expected true or false, found \"" + word + "\"");
  into = word == "true";
}

void Section::integer(const char* key, int least, int most, int& into) {
  std::string word;
  if (!scalar(key, word)) return;
  int number = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (failed != std::errc() || end != word.data() + word.size() || number < least || number > most) {
    return problem(key, "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", found \"" +
                            word + "\"");
  }
  into = number;
}

void Section::duration(const char* key, std::chrono::milliseconds& into) {
  std::string word;
  if (!scalar(key, word)) return;
  const auto parsed = parse_duration(word);
  if (!parsed) return problem(key, "expected a duration such as 90s, 15m or 72h, found \"" + word + "\"");
  into = *parsed;
}

void Section::texts(const char* key, std::vector<std::string>& into) {
  elements(key, [&](const YAML::Node& node, const std::string& name) {
    if (!node.IsScalar()) return problems_.add(node, name, "expected a text, found " + found(node));
    into.push_back(node.Scalar());
  });
}

void Section::text_map(const char* key, std::map<std::string, std::string>& into) {
  section(key, [&](Section& entries) {
    for (const auto& name : entries.names()) entries.text(name.c_str(), into[name]);
  });
}

static void read_credential_source(const YAML::Node& node, const std::string& key, Problems& problems,
                                   std::optional<CredentialSource>& into) {
  static const std::string expected = "expected {file: PATH}, {credential: NAME} or {env: NAME}";
  if (node.IsScalar()) return problems.add(node, key, "a secret must not be written in this file; " + expected);
  if (!node.IsMap() || node.size() != 1) return problems.add(node, key, expected);
  const YAML::Node kind = node.begin()->first;
  const YAML::Node name = node.begin()->second;
  if (!kind.IsScalar() || !name.IsScalar() || name.Scalar().empty()) return problems.add(node, key, expected);
  CredentialSource source;
  source.name = name.Scalar();
  if (kind.Scalar() == "file") {
    source.kind = CredentialSource::Kind::file;
  } else if (kind.Scalar() == "credential") {
    source.kind = CredentialSource::Kind::credential;
  } else if (kind.Scalar() == "env") {
    source.kind = CredentialSource::Kind::env;
  } else {
    return problems.add(kind, key, expected + ", found \"" + kind.Scalar() + "\"");
  }
  into = source;
}

void Section::credential(const char* key, std::optional<CredentialSource>& into) {
  const YAML::Node node = get(key);
  if (node.IsDefined()) read_credential_source(node, path(key), problems_, into);
}

void Section::required_credential(const char* key, CredentialSource& into) {
  if (!get(key).IsDefined()) return problems_.add(node_, path(key), "is missing");
  std::optional<CredentialSource> source;
  credential(key, source);
  if (source) into = *source;
}

void Section::credential_map(const char* key, std::map<std::string, CredentialSource>& into) {
  section(key, [&](Section& entries) {
    for (const auto& name : entries.names()) entries.required_credential(name.c_str(), into[name]);
  });
}

void Section::section(const char* key, const std::function<void(Section&)>& read) {
  const YAML::Node node = get(key);
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsMap()) return problems_.add(node, path(key), "expected a mapping, found " + found(node));
  Section inner(node, path(key), problems_);
  read(inner);
  inner.finish();
}

void Section::sections(const char* key, const std::function<void(const std::string& name, Section&)>& read) {
  section(key, [&](Section& outer) {
    for (const auto& name : outer.names()) {
      outer.section(name.c_str(), [&](Section& inner) { read(name, inner); });
    }
  });
}

void Section::list(const char* key, const std::function<void(Section&)>& read) {
  elements(key, [&](const YAML::Node& node, const std::string& name) {
    if (!node.IsMap()) return problems_.add(node, name, "expected a mapping, found " + found(node));
    Section inner(node, name, problems_);
    read(inner);
    inner.finish();
  });
}

void Section::elements(const char* key, const std::function<void(const YAML::Node&, const std::string& key)>& read) {
  const YAML::Node node = get(key);
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsSequence()) return problems_.add(node, path(key), "expected a list, found " + found(node));
  for (std::size_t i = 0; i < node.size(); ++i) read(node[i], path(key) + "[" + std::to_string(i) + "]");
}

std::vector<std::string> Section::names() const {
  std::vector<std::string> all;
  if (!node_.IsMap()) return all;
  for (const auto& entry : node_) {
    if (entry.first.IsScalar()) all.push_back(entry.first.Scalar());
  }
  return all;
}

void Section::finish() {
  if (!node_.IsMap()) return;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) continue;
    const std::string name = entry.first.Scalar();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const std::string guess = nearest(name, known_);
    problems_.add(entry.first, path(name), "unknown key" + (guess.empty() ? "" : ", did you mean \"" + guess + "\"?"));
  }
}

static std::optional<std::uint64_t> number_before(std::string_view text, std::string_view& unit) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || number > 1'000'000'000'000) return std::nullopt;
  unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::string_view unit;
  const auto number = number_before(text, unit);
  if (!number || *number > 1'000'000) return std::nullopt;
  const auto count = static_cast<std::int64_t>(*number);
  if (unit == "ms") return std::chrono::milliseconds(count);
  if (unit == "s") return std::chrono::seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  if (unit == "h") return std::chrono::hours(count);
  if (unit == "d") return std::chrono::hours(24 * count);
  return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::string_view unit;
  const auto number = number_before(text, unit);
  if (!number) return std::nullopt;
  if (unit == "B") return *number;
  if (unit == "KiB") return *number << 10;
  if (unit == "MiB") return *number << 20;
  if (unit == "GiB" && *number < (1u << 20)) return *number << 30;
  return std::nullopt;
}

static std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace sluice::config
