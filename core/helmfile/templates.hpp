#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/gotemplate/function.hpp"
#include "core/helmfile/outside.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

/// Executes the templates of state files, values files and release fields. `outside` must outlive it.
class Templates {
 public:
  /// `base` is the folder of the state file: references ("ref+file://...") are relative to it, wherever they stand.
  explicit Templates(const Outside& outside, std::string base = {}) : outside_(outside), base_(std::move(base)) {}

  /// Executes `source` with `dot`, a missing key being an error. Every `_*.tpl` file of `folder` is there to be included;
  /// paths and programs are relative to `folder`. `name` is how errors call the template: "values/prod.yaml.gotmpl".
  Result<Text> render(const std::string& name, const Text& source, const Value& dot, const std::string& folder);

  const Outside& outside() const { return outside_; }

 private:
  /// What templates of one folder share.
  struct Folder {
    gotemplate::FunctionTable functions;
    std::map<std::string, std::string> helpers;  ///< _*.tpl files, path -> text
  };
  Result<const Folder*> folder(const std::string& path);

  const Outside& outside_;
  std::string base_;
  std::map<std::string, std::unique_ptr<Folder>> folders_;
};

}  // namespace sluice::helmfile
