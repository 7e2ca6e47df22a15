#include "core/helmfile/sops.hpp"

#include <algorithm>

namespace sluice::helmfile {

namespace {

std::string name_of(SopsType type) {
  switch (type) {
    case SopsType::yaml: return "yaml";
    case SopsType::json: return "json";
    case SopsType::binary: return "binary";
    case SopsType::dotenv: return "dotenv";
  }
  return "binary";
}

/// Whether a line of `text` fits.
template <class Fits>
bool any_line(std::string_view text, Fits fits) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (fits(line)) return true;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return false;
}

Error not_allowed(const ExecCall& call, const std::string& name) {
  std::string rule = "[\"/usr/bin/" + call.program + "\"";
  for (const std::string& argument : call.arguments) rule += ", \"" + argument + "\"";
  return {Errc::denied, "exec-denied: \"" + name + "\" is encrypted, and sops may not be run: list " + rule +
                            "] (with the path that sops has there) in exec.allow of the environment's configuration"};
}

}  // namespace

bool is_encrypted(std::string_view bytes) {
  return any_line(bytes, [](std::string_view line) {
    const std::size_t mac = line.find("mac");
    return mac != std::string_view::npos && line.find(",type:str]", mac) != std::string_view::npos;
  });
}

SopsType type_of_encrypted(std::string_view bytes) {
  const bool is_yaml = any_line(bytes, [](std::string_view line) {
    return line.starts_with("sops:") && line.find_first_not_of(" \t\r", 5) == std::string_view::npos;
  });
  if (is_yaml) return SopsType::yaml;
  return bytes.find("\"data\": \"ENC") == std::string_view::npos ? SopsType::json : SopsType::binary;
}

Result<std::string> decrypt(const std::string& bytes, const std::string& name, const Outside& outside) {
  if (!is_encrypted(bytes)) {
    return Error{Errc::invalid, "\"" + name + "\" is not encrypted with sops: encrypt it, or list it under `values`"};
  }
  return decrypt(bytes, type_of_encrypted(bytes), name, outside);
}

Result<std::string> decrypt(const std::string& bytes, SopsType type, const std::string& name, const Outside& outside) {
  ExecCall call;
  call.program = "sops";
  call.arguments = {"--decrypt", "--input-type", name_of(type), "--output-type", name_of(type), "/dev/stdin"};
  call.directory = ".";
  call.input = bytes;
  if (!outside.exec) return Error{Errc::unsupported, "\"" + name + "\" is encrypted, and no program can be run here to decrypt it"};
  auto output = outside.exec(call);
  if (!output && output.error().code == Errc::denied) return not_allowed(call, name);
  if (!output) return std::move(output).error().during("decrypting \"" + name + "\"");
  if (output->exit_code == 0) return std::move(output->out);
  std::string why = output->error_text.substr(0, 1000);
  while (why.ends_with('\n')) why.pop_back();
  return Error{Errc::invalid, "decrypting \"" + name + "\": sops exited with status " + std::to_string(output->exit_code) + ": " + why};
}

}  // namespace sluice::helmfile
