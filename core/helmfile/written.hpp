#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/helmfile/helmfile.hpp"

namespace sluice::helmfile {

// What helmfile's commands write into files, one for each release.

/// Where `template --output-dir` and `write-values` put it, unless told otherwise.
inline constexpr std::string_view output_dir_pattern =
    "{{ .OutputDir }}/{{ .State.BaseName }}-{{ .State.AbsPathSHA1 }}-{{ .Release.Name }}";
inline constexpr std::string_view values_file_pattern = "{{ .State.BaseName }}-{{ .State.AbsPathSHA1 }}/{{ .Release.Name }}.yaml";

struct OutputPlace {
  std::string pattern = {};              ///< a template of a path, relative to the state file's folder
  std::string output_dir = {};           ///< `.OutputDir` in it
  std::string absolute_state_file = {};  ///< `.State.AbsPath` in it
};

/// The path of `release`'s output, as in Files. `.State`, `.Release`, `.Environment` and `.OutputDir` are there for the pattern.
/// Errors: invalid, with the place in the pattern.
Result<std::string> output_path(const State& state, const Release& release, const OutputPlace& place, const Outside& outside);

/// The values files and maps of a release over each other, as `helmfile write-values` writes them: without `set`.
/// Follows: helmfile, which merges them as state values and not as helm does.
Result<Value> written_values(const ReleaseValues& values);

/// The release's record with the contents of its values files in their place, as `helmfile build --embed-values` prints it.
/// Differs: `secrets` stay paths; helmfile puts the encrypted text in their place.
Result<Value> with_values_embedded(const State& state, const Release& release, const Outside& outside);

}  // namespace sluice::helmfile
