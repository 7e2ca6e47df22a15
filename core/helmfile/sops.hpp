#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/helmfile/outside.hpp"

namespace sluice::helmfile {

/// How the values lie in an encrypted file; sops' own words.
enum class SopsType { yaml, json, binary, dotenv };

/// Whether that is a file that sops has encrypted, as helm-secrets tells it: the values themselves cannot be told from others.
bool is_encrypted(std::string_view bytes);
/// Follows: helm-secrets 4, which looks at the text and not at the name.
SopsType type_of_encrypted(std::string_view bytes);

/// The plain text of `bytes`, which sops gives: `sops --decrypt --input-type T --output-type T /dev/stdin`, through
/// Outside::exec and so under its policy. `name` is for errors. The result is secret.
/// Errors: invalid, for a text that is not encrypted (an entry of `secrets` that is not is a mistake to be told, as it is to
/// helm-secrets), or what sops says; denied, with what to allow; unsupported, where programs cannot be run at all.
Result<std::string> decrypt(const std::string& bytes, const std::string& name, const Outside& outside);
Result<std::string> decrypt(const std::string& bytes, SopsType type, const std::string& name, const Outside& outside);

}  // namespace sluice::helmfile
