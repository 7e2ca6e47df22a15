#include "server/app/folder_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "server/base/files.hpp"

namespace sluice::app {

Result<> FolderWriter::write(const std::string& folder, const std::string& name, std::string_view content) {
  const std::string path = folder + "/" + name;
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return Error{Errc::invalid, "mkdir " + path + ": " + error.message()};
  const bool again = !written_.insert(path).second;
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (again ? O_APPEND : O_TRUNC), 0644));
  const std::string text = "---\n# Source: " + name + "\n" + std::string(content) + "\n";
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return Error{Errc::invalid, "open " + path + ": " + errno_text(errno)};
  }
  wrote_(path);
  return {};
}

Result<> FolderWriter::write_all(const chart::Rendered& rendered, const chart::TemplateOutput& output, const std::string& release) {
  const std::string below = release.empty() ? folder_ : folder_ + "/" + release;
  if (output.crds == chart::Crds::include) {
    for (const auto& crd : rendered.crds)
      if (auto done = write(folder_, crd.source, *crd.data); !done) return done;
  }
  for (const auto& manifest : rendered.manifests)
    if (auto done = write(below, manifest.source, manifest.text); !done) return done;
  for (const auto& hook : rendered.hooks) {
    if (output.no_hooks || (output.skip_tests && hook.has_event(chart::HookEvent::test))) continue;
    if (auto done = write(below, hook.source, hook.text); !done) return done;
  }
  return {};
}

}  // namespace sluice::app
