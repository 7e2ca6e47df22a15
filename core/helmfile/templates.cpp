#include "core/helmfile/templates.hpp"

#include <utility>

#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/template_functions.hpp"

namespace sluice::helmfile {

namespace {

Result<std::map<std::string, std::string>> read_helpers(const Files& files, const std::string& folder) {
  auto paths = glob(files, join_path(folder, "_*.tpl"));
  if (!paths) return std::move(paths).error();
  std::map<std::string, std::string> helpers;
  for (const std::string& path : *paths) {
    auto text = files.read(path);
    if (!text) return std::move(text).error().during("failed to read helper template " + path);
    helpers.emplace(path, std::move(*text));
  }
  return helpers;
}

}  // namespace

Result<const Templates::Folder*> Templates::folder(const std::string& path) {
  auto& known = folders_[path];
  if (known) return known.get();
  auto fresh = std::make_unique<Folder>();
  functions::add_sprig_functions(fresh->functions, functions::Helm::v3);
  add_template_functions(fresh->functions, outside_, {path, base_.empty() ? path : base_});
  auto helpers = read_helpers(outside_.files, path);
  if (!helpers) return std::move(helpers).error();
  fresh->helpers = std::move(*helpers);
  known = std::move(fresh);
  return known.get();
}

Result<Text> Templates::render(const std::string& name, const Text& source, const Value& dot, const std::string& path) {
  if (source.view().find("{{") == std::string_view::npos) return source;
  auto shared = folder(path);
  if (!shared) return std::move(shared).error();
  gotemplate::TemplateSet set(name, (*shared)->functions);
  for (const auto& [file, text] : (*shared)->helpers) {
    auto added = set.add(file, text);
    if (!added) return std::move(added).error().during("failed to parse helper template " + file);
  }
  auto added = set.add(name, source.str());
  if (!added) return std::move(added).error();
  functions::FunctionHost host;
  host.outside = outside_.functions;
  gotemplate::Options options;
  options.missing_key = gotemplate::MissingKey::error;
  options.errors = gotemplate::ErrorForm::go;
  options.host = &host;
  options.has_secrets = has_marks(dot);
  auto text = gotemplate::execute(set, name, dot, options);
  return text && source.has_marks() ? Result<Text>(text->marked()) : text;
}

}  // namespace sluice::helmfile
