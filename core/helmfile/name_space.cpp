#include "core/helmfile/name_space.hpp"

#include <algorithm>
#include <vector>

#include "core/chart/documents.hpp"
#include "core/value/yaml.hpp"

namespace sluice::helmfile {

namespace {

/// A document, which ends in a newline, with where its keys stand.
struct Document {
  Text text = {};
  Value value = {};
  std::vector<YamlPosition> positions = {};
  std::vector<std::size_t> lines = {0};  ///< where each begins

  /// The index of the line on which that byte is.
  std::size_t line_of(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(lines.begin(), lines.end(), offset) - lines.begin()) - 1;
  }
};

Result<Document> read(const Text& text) {
  Document document{.text = text};
  auto value =
      read_yaml(text.view(), {.rules = YamlRules::kustomize, .numbers = Numbers::typed, .positions = &document.positions});
  if (!value) return std::move(value).error();
  document.value = std::move(*value);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.view()[i] == '\n') document.lines.push_back(i + 1);
  }
  return document;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Text inserted(const Text& text, std::size_t at, const std::string& what) {
  TextBuilder out;
  out.append(text.substr(0, at));
  out.append(what);
  out.append(text.substr(at, text.size()));
  return out.finish();
}

/// `{name: web}`: before the brace that closes it where that is plain to see, else after the one that opens it.
Text into_flow(const Document& document, std::size_t open, std::size_t end, const std::string& field) {
  const std::string_view inside = document.text.view().substr(open, end - open);
  const std::size_t close = inside.rfind('}');
  if (close == inside.npos || inside.find_first_of("\"'#") != inside.npos) return inserted(document.text, open + 1, field + ", ");
  return inserted(document.text, open + close, is_blank(inside.substr(1, close - 1)) ? field : ", " + field);
}

/// After the last line of the block that begins with `first`.
Text into_block(const Document& document, const YamlPosition& first, std::size_t end, const std::string& field) {
  const std::string_view bytes = document.text.view();
  const std::size_t own_line = document.line_of(first.offset);
  const std::string_view indent = bytes.substr(document.lines[own_line], first.offset - document.lines[own_line]);
  std::size_t line = document.line_of(end);  // of what comes next, or the one after the last
  const auto is_outside = [&](std::string_view text) { return is_blank(text) || (text.starts_with('#') && !indent.empty()); };
  const auto text_of = [&](std::size_t index) {
    const std::size_t begin = document.lines[index];
    return bytes.substr(begin, bytes.find('\n', begin) - begin);
  };
  while (line > own_line + 1 && is_outside(text_of(line - 1))) --line;
  return inserted(document.text, document.lines[line], std::string(indent) + field + "\n");
}

/// The document with the field put in as text; the same document if there is no place that is easily found.
Text with_field(const Document& document, const std::string& field) {
  const auto& positions = document.positions;
  const auto at =
      std::find_if(positions.begin(), positions.end(), [](const YamlPosition& one) { return one.path == "metadata"; });
  if (at == positions.end()) return document.text;
  const std::size_t key = at->offset;
  const std::size_t value = document.text.view().find_first_not_of(" ", key + std::string_view("metadata:").size());
  if (value == std::string_view::npos || !document.text.view().substr(key).starts_with("metadata:")) return document.text;
  const auto next =
      std::find_if(at + 1, positions.end(), [](const YamlPosition& one) { return !one.path.starts_with("metadata."); });
  const std::size_t end = next == positions.end() ? document.text.size() : next->offset;
  if (document.text.view()[value] == '{') return into_flow(document, value, end, field);
  if (at + 1 == next || (at + 1)->line == at->line) return document.text;
  return into_block(document, *(at + 1), end, field);
}

bool has_namespace(const Value& value) {
  const Value* metadata = value.find("metadata");
  return metadata != nullptr && metadata->find("namespace") != nullptr;
}

Result<Text> changed(const Text& text, const std::string& name_space) {
  auto document = read(text);
  if (!document) return std::move(document).error();
  const Value* metadata = document->value.find("metadata");
  if (metadata == nullptr || metadata->map() == nullptr || has_namespace(document->value)) return text;
  auto scalar = to_yaml_pretty(Value::of_string(name_space));
  if (!scalar) return std::move(scalar).error();
  const Text result = with_field(*document, "namespace: " + scalar->str());
  auto again = read(result);
  if (again && has_namespace(again->value)) {
    again->value.find("metadata")->map()->erase("namespace");
    if (deep_equal(again->value, document->value)) return result;
  }
  // written in a way that leaves no place for a line: it is written anew
  auto marked = read_marked_yaml(text, {.rules = YamlRules::kustomize, .numbers = Numbers::typed});
  if (!marked) return std::move(marked).error();
  const Value anew = deep_copy(*marked);
  anew.find("metadata")->map()->set("namespace", Value::of_string(name_space));
  auto written = to_yaml_pretty(anew);
  if (!written) return written;
  TextBuilder out;
  out.append(*written);
  out.append('\n');
  return out.finish();
}

}  // namespace

Result<Text> with_namespace(const Text& file, const std::string& name_space) {
  TextBuilder out;
  for (const std::string_view one : chart::split_documents(file.view())) {
    const auto begin = static_cast<std::size_t>(one.data() - file.view().data());
    TextBuilder document;  // a block at its end has a newline there
    document.append(file.substr(begin, begin + one.size()));
    document.append('\n');
    auto text = changed(document.finish(), name_space);
    if (!text) return text;
    if (!out.empty()) out.append("---\n");
    out.append(*text);
  }
  return out.finish();
}

}  // namespace sluice::helmfile
