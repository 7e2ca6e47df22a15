// The .Files object; follows Helm, pkg/engine/files.go.

#include <algorithm>
#include <array>

#include "core/base/digest.hpp"
#include "core/chart/context.hpp"
#include "core/chart/path_glob.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

namespace {

class Files : public Object {
 public:
  using Index = std::vector<const File*>;  // sorted by name

  Files(std::shared_ptr<const Chart> owner, Index index) : owner_(std::move(owner)), index_(std::move(index)) {}

  std::string_view go_type() const override { return "engine.files"; }
  std::string_view go_kind() const override { return "map"; }
  bool field(std::string_view name, Value& out) const override {
    const File* file = find(name);
    if (file) out = Value::of_bytes(file->data);
    return file != nullptr;
  }
  const Method* method(std::string_view name) const override;
  std::string default_text() const override {
    std::string out = "map[";
    for (const File* file : index_) {
      out += (out.size() > 4 ? " " : "") + file->name + ":[";
      for (std::size_t i = 0; i < file->data.size(); ++i)
        out += (i ? " " : "") + std::to_string(static_cast<unsigned char>(file->data[i]));
      out += ']';
    }
    return out + "]";
  }
  Value to_plain() const override {
    std::vector<Map::Entry> found;
    entries(found);
    return Value::of_map(make_ref<Map>(std::move(found)));
  }
  bool entries(std::vector<Map::Entry>& out) const override {
    for (const File* file : index_) out.push_back({file->name, Value::of_bytes(file->data)});
    return true;
  }

  const File* find(std::string_view name) const {
    const auto at =
        std::lower_bound(index_.begin(), index_.end(), name, [](const File* a, std::string_view b) { return a->name < b; });
    return at != index_.end() && (*at)->name == name ? *at : nullptr;
  }
  Value glob(std::string_view pattern) const {
    const FileGlob compiled(pattern);
    Index found;
    std::copy_if(index_.begin(), index_.end(), std::back_inserter(found),
                 [&](const File* file) { return compiled.matches(file->name); });
    return Value::of_object(make_ref<Files>(owner_, std::move(found)));
  }
  /// base name -> content as `convert` writes it, in YAML.
  template <class Convert>
  Value as_yaml(const Convert& convert) const {
    auto map = make_ref<Map>();
    for (const File* file : index_) map->set(file->name.substr(file->name.rfind('/') + 1), Value::of_string(convert(file->data)));
    const auto text = to_yaml(Value::of_map(std::move(map)));
    return Value::of_string(text ? *text : Text());
  }

 private:
  std::shared_ptr<const Chart> owner_;
  Index index_;
};

const Files& self(const Value& receiver) { return static_cast<const Files&>(*receiver.object()); }

Result<Value> lines(const Value& receiver, std::span<const Value> arguments) {
  std::vector<Value> list;
  if (const File* file = self(receiver).find(arguments[0].str())) {
    std::string_view text = file->data;
    if (text.empty()) return Error{Errc::invalid, "runtime error: index out of range [-1]"};
    if (text.ends_with('\n')) text.remove_suffix(1);
    for (;;) {
      const std::size_t end = text.find('\n');
      list.push_back(Value::of_string(text.substr(0, end)));
      if (end == text.npos) break;
      text.remove_prefix(end + 1);
    }
  }
  return Value::new_list(std::move(list), ListType::strings);
}

const auto methods = std::to_array<Method>({
    {.name = "Get",
     .parameters = {GoType::string},
     .call = [](const Value& receiver, std::span<const Value> arguments) -> Result<Value> {
       const File* file = self(receiver).find(arguments[0].str());
       return Value::of_string(file ? Text(file->data) : Text(""));
     }},
    {.name = "GetBytes",
     .parameters = {GoType::string},
     .call = [](const Value& receiver, std::span<const Value> arguments) -> Result<Value> {
       const File* file = self(receiver).find(arguments[0].str());
       return Value::of_bytes(file ? Text(file->data) : Text(""));
     }},
    {.name = "Glob",
     .parameters = {GoType::string},
     .call = [](const Value& receiver, std::span<const Value> arguments) -> Result<Value> {
       return self(receiver).glob(arguments[0].str());
     }},
    {.name = "Lines", .parameters = {GoType::string}, .call = lines},
    {.name = "AsConfig",
     .parameters = {},
     .call = [](const Value& receiver, std::span<const Value>) -> Result<Value> {
       return self(receiver).as_yaml([](const std::string& data) { return Text(data); });
     }},
    {.name = "AsSecrets",
     .parameters = {},
     .call = [](const Value& receiver, std::span<const Value>) -> Result<Value> {
       return self(receiver).as_yaml([](const std::string& data) { return Text(to_base64(data)); });
     }},
});

const Method* Files::method(std::string_view name) const {
  const auto at = std::find_if(methods.begin(), methods.end(), [&](const Method& method) { return method.name == name; });
  return at == methods.end() ? nullptr : &*at;
}

}  // namespace

Value make_files(const Chart& chart) {
  Files::Index index;
  for (const File& file : chart.files) index.push_back(&file);
  std::stable_sort(index.begin(), index.end(), [](const File* a, const File* b) { return a->name < b->name; });
  // of two files of one name the last counts
  const auto last = std::unique(index.rbegin(), index.rend(), [](const File* a, const File* b) { return a->name == b->name; });
  index.erase(index.begin(), last.base());
  return Value::of_object(make_ref<Files>(chart.weak_from_this().lock(), std::move(index)));
}

}  // namespace sluice::chart
