#include "server/app/source_map_file.hpp"

#include <fstream>

#include "core/value/json.hpp"

namespace sluice::app {

namespace {

Value number(std::size_t n) { return Value::of_int(static_cast<std::int64_t>(n)); }

Value described(const chart::SourceValue& value, const chart::Provenance& provenance) {
  const Value out = Value::new_map({{"path", Value::of_string(chart::path_text(value.path))}});
  if (value.printed) out.map()->set("printed", Value::of_bool(true));
  const auto origin = provenance.find(value.path);
  if (!origin) return out;
  if (!origin->flag.empty()) {
    out.map()->set("flag", Value::of_string(origin->flag));
  } else {
    out.map()->set("file", Value::of_string(origin->file));
    out.map()->set("file_line", number(origin->line));
  }
  return out;
}

Value described(std::size_t index, const chart::LineSource& line, const chart::Provenance& provenance) {
  const Value out = Value::new_map({{"line", number(index + 1)}, {"template", Value::of_string(line.file)}});
  if (line.line > 0) out.map()->set("template_line", number(line.line));
  if (line.values.empty()) return out;
  std::vector<Value> values;
  for (const chart::SourceValue& value : line.values) values.push_back(described(value, provenance));
  out.map()->set("values", Value::new_list(std::move(values)));
  return out;
}

}  // namespace

Result<> write_source_map(const std::string& path, const std::vector<chart::LineSource>& lines, const chart::Provenance& provenance) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << "{\"lines\": [\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto json = to_json(described(i, lines[i], provenance));
    if (!json) return std::move(json).error().during("source map");
    out << json->view() << (i + 1 < lines.size() ? ",\n" : "\n");
  }
  out << "]}\n";
  if (!out.flush()) return Error{Errc::invalid, "the source map could not be written to " + path};
  return {};
}

}  // namespace sluice::app
