#include <algorithm>

#include "core/helmfile/chartify.hpp"
#include "core/helmfile/dialect.hpp"
#include "core/helmfile/environment.hpp"
#include "core/helmfile/helmfile.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/record.hpp"
#include "core/helmfile/references.hpp"
#include "core/helmfile/release_templates.hpp"
#include "core/helmfile/sops.hpp"

namespace sluice::helmfile {

namespace {

/// Braces and commas are what helm's --set parser would take for syntax.
Text escaped(const Text& text) {
  TextBuilder out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Text one = text.substr(i, i + 1);
    if (std::string_view("{},").find(one.view().front()) != std::string_view::npos) out.append('\\');
    out.append(one);
  }
  return out.finish();
}

Text text_field(const Value& record, std::string_view name) {
  const Value* field = record.find(name);
  return field == nullptr || !field->is_string() ? Text() : field->text();
}

class ValuesReader {
 public:
  ValuesReader(const State& state, const Release& release, const Outside& outside)
      : state_(state),
        release_(release),
        templates_(outside, state.folder),
        dot_(release_data(context_of(state), record_as_seen(state, release))) {}

  Result<ReleaseValues> read() {
    if (auto known = read_missing_file_handler(); !known) return std::move(known).error();
    std::size_t i = 0;
    for (const Value& entry : items_of(release_.spec, "values")) {
      auto done = add_layer(entry, "values[" + std::to_string(i++) + "]");
      if (!done) return std::move(done).error();
    }
    i = 0;
    for (const Value& entry : items_of(release_.spec, "secrets")) {
      auto done = add_secret_layer(entry, "secrets[" + std::to_string(i++) + "]");
      if (!done) return std::move(done).error();
    }
    for (const auto& [field, how] : {std::pair("set", SetFlag::How::set), {"setString", SetFlag::How::set_string}}) {
      i = 0;
      for (const Value& entry : items_of(release_.spec, field)) {
        auto done = add_set(entry, how, std::string(field) + "[" + std::to_string(i++) + "]");
        if (!done) return std::move(done).error();
      }
    }
    auto done = add_variables();
    if (done) done = add_arguments();
    if (!done) return std::move(done).error();
    return std::move(values_);
  }

  /// The entries of a list of patches. Differs from values: paths have no prefix, and maps hold no references.
  Result<std::vector<ValuesLayer>> read_patches(const std::string& field) {
    if (auto known = read_missing_file_handler(); !known) return std::move(known).error();
    std::size_t i = 0;
    for (const Value& entry : items_of(release_.spec, field)) {
      const std::string place = field + "[" + std::to_string(i++) + "]";
      if (entry.is_map()) {
        values_.layers.push_back({place, write_yaml(entry, Quotes::doubled)});
      } else if (entry.is_string()) {
        auto done = add_files(std::string(entry.str()), std::string(entry.str()));
        if (!done) return std::move(done).error();
      } else {
        return Error{Errc::invalid, place + ": unexpected type of value: it must be a path or a map"};
      }
    }
    return std::move(values_.layers);
  }

 private:
  Result<> read_missing_file_handler() {
    auto missing = parse_missing_file_handler(text_of(release_.spec, "missingFileHandler"), state_.file);
    if (!missing) return std::move(missing).error();
    missing_ = *missing;
    return {};
  }

  Result<std::vector<std::string>> files_of(const std::string& path) {
    auto files = resolve_files(templates_.outside(), "values", path, state_.folder, missing_, notes_);
    if (files && files->size() > 1) {
      return Error{Errc::unsupported, "glob patterns in release values and secrets is not supported yet: \"" + path +
                                          "\" matches " + std::to_string(files->size()) + " files"};
    }
    return files;
  }

  Result<> add_layer(const Value& entry, const std::string& place) {
    if (entry.is_map()) {
      auto expanded = expand_references(entry, state_.folder, templates_.outside());
      if (!expanded) return std::move(expanded).error().during(place);
      values_.layers.push_back({place, write_yaml(*expanded, Quotes::doubled)});
      return {};
    }
    if (!entry.is_string()) return Error{Errc::invalid, place + ": unexpected type of value: it must be a path or a map"};
    auto path = expand_references(entry, state_.folder, templates_.outside());
    if (!path) return std::move(path).error().during(place);
    return add_files(prefixed(*path), std::string(entry.str()));
  }

  std::string prefixed(const Value& path) const { return text_of(release_.spec, "valuesPathPrefix") + std::string(path.str()); }

  Result<> add_files(const std::string& path, const std::string& named) {
    auto files = files_of(path);
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      auto text = render_values_file(templates_, file, dot_);
      if (text) text = with_references(std::move(*text));
      if (!text) return std::move(text).error().during("failed to render values files \"" + named + "\"");
      values_.layers.push_back({file, std::move(*text)});
    }
    return {};
  }

  /// A file that speaks of references is read and written anew, whether or not it has one.
  Result<Text> with_references(Text text) {
    if (text.view().find("ref+") == std::string_view::npos) return text;
    auto parsed = read_yaml(text);
    if (!parsed) return std::move(parsed).error();
    auto expanded = expand_references(*parsed, state_.folder, templates_.outside());
    if (!expanded) return std::move(expanded).error();
    return write_yaml(*expanded, Quotes::doubled);
  }

  Result<> add_secret_layer(const Value& entry, const std::string& place) {
    if (entry.is_map()) {
      auto plain = decrypt(write_yaml(entry).str(), place, templates_.outside());
      if (!plain) return std::move(plain).error();
      values_.layers.push_back({place, Text::secret(*plain)});
      return {};
    }
    if (!entry.is_string()) return Error{Errc::invalid, place + ": unexpected type of value: it must be a path or a map"};
    auto files = files_of(prefixed(entry));
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      auto bytes = templates_.outside().files.read(file);
      if (!bytes) return std::move(bytes).error().during(place);
      auto plain = decrypt(*bytes, file, templates_.outside());
      if (!plain) return std::move(plain).error().during(place);
      Text text = Text::secret(*plain);
      if (extension_of(file) == ".gotmpl") {
        auto rendered = templates_.render(file, text, dot_, directory_of(file));
        if (!rendered) return std::move(rendered).error();
        text = rendered->marked();
      }
      auto expanded = with_references(std::move(text));
      if (!expanded) return std::move(expanded).error().during(place);
      text = std::move(*expanded);
      values_.layers.push_back({file, std::move(text)});
    }
    return {};
  }

  Result<> add_set(const Value& entry, SetFlag::How how, const std::string& place) {
    auto value = expand_references(text_field(entry, "value"), state_.folder, templates_.outside());
    if (!value) return std::move(value).error().during(place);
    const auto items = items_of(entry, "values");
    const std::string file = text_of(entry, "file");
    TextBuilder argument;
    argument.append(escaped(text_field(entry, "name")));
    argument.append('=');
    if (!value->empty()) {
      argument.append(escaped(*value));
    } else if (!file.empty() && how == SetFlag::How::set) {
      argument.append(join_path(state_.folder, file));
      how = SetFlag::How::set_file;
    } else if (!items.empty()) {
      argument.append('{');
      for (std::size_t i = 0; i < items.size(); ++i) {
        auto item = expand_references(items[i].text(), state_.folder, templates_.outside());
        if (!item) return std::move(item).error().during(place);
        if (i > 0) argument.append(',');
        argument.append(escaped(*item));
      }
      argument.append('}');
    } else {
      return {};  // as helmfile: an empty value gives no flag
    }
    values_.sets.push_back({how, argument.finish()});
    return {};
  }

  /// The old `env` list: values from variables.
  Result<> add_variables() {
    TextBuilder argument;
    std::string missing;
    for (const Value& entry : items_of(release_.spec, "env")) {
      const std::string name = text_of(entry, "value");
      const auto variable = templates_.outside().variable(name);
      if (!variable) {
        missing += (missing.empty() ? "" : ", ") + name;
        continue;
      }
      if (!argument.empty()) argument.append(',');
      argument.append(escaped(text_field(entry, "name")));
      argument.append('=');
      argument.append(escaped(variable->secret ? Text::secret(variable->text) : Text(variable->text)));
    }
    if (!missing.empty()) {
      return Error{Errc::invalid, "Environment Variables not found. Please make sure they are set and try again: " + missing};
    }
    if (!argument.empty()) values_.sets.push_back({SetFlag::How::set, argument.finish()});
    return {};
  }

  /// What helm's own flags ask for comes last.
  Result<> add_arguments() {
    for (const std::string& path : state_.args.values) {
      auto bytes = templates_.outside().files.read(join_path(state_.folder, path));
      if (!bytes) return std::move(bytes).error();
      values_.layers.push_back({path, Text(*bytes)});
    }
    for (SetFlag set : state_.args.sets) {
      if (set.how == SetFlag::How::set_file) {
        const std::string argument = set.argument.str();
        const std::size_t value = argument.find('=') + 1;
        set.argument = Text(argument.substr(0, value) + join_path(state_.folder, argument.substr(value)));
      }
      values_.sets.push_back(std::move(set));
    }
    return {};
  }

  const State& state_;
  const Release& release_;
  Templates templates_;
  Value dot_;
  MissingFile missing_ = MissingFile::error;
  std::vector<std::string> notes_;
  ReleaseValues values_;
};

}  // namespace

Result<std::vector<ValuesLayer>> patches_of(const State& state, const Release& release, const std::string& field,
                                            const Outside& outside) {
  auto patches = ValuesReader(state, release, outside).read_patches(field);
  if (!patches) return std::move(patches).error().during("release \"" + release.name + "\"");
  return patches;
}

Result<ReleaseValues> values_of(const State& state, const Release& release, const Outside& outside) {
  auto values = ValuesReader(state, release, outside).read();
  if (!values) return std::move(values).error().during("release \"" + release.name + "\"");
  return values;
}

}  // namespace sluice::helmfile
