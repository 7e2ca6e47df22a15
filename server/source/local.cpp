#include "server/source/local.hpp"

#include <netdb.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "server/base/files.hpp"
#include "server/base/process.hpp"
#include "server/base/random.hpp"
#include "server/source/remote_files.hpp"

extern char** environ;

namespace sluice::source {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_read = 128u << 20;

Error unreadable(const std::string& path, const std::error_code& why) {
  if (why == std::errc::no_such_file_or_directory) return {Errc::not_found, "open " + path + ": no such file or directory"};
  return {Errc::unavailable, "open " + path + ": " + why.message()};
}

Result<std::vector<helmfile::FileEntry>> list_folder(const std::string& path) {
  std::error_code failed;
  std::vector<helmfile::FileEntry> entries;
  for (auto it = fs::directory_iterator(path, failed); !failed && it != fs::directory_iterator(); it.increment(failed)) {
    std::error_code unknown;
    const bool is_folder = it->is_directory(unknown);
    entries.push_back({it->path().filename().string(), is_folder ? helmfile::FileKind::folder : helmfile::FileKind::file});
  }
  if (failed) return unreadable(path, failed);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

helmfile::FileKind kind_of(const std::string& path) {
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (failed || status.type() == fs::file_type::not_found) return helmfile::FileKind::none;
  return fs::is_directory(status) ? helmfile::FileKind::folder : helmfile::FileKind::file;
}

Result<helmfile::ExecOutput> run(const helmfile::ExecCall& call) {
  ProcessRequest request;
  request.arguments.push_back(call.program);
  request.arguments.insert(request.arguments.end(), call.arguments.begin(), call.arguments.end());
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!call.environment.contains(text.substr(0, text.find('=')))) request.environment.push_back(text);
  }
  for (const auto& [name, value] : call.environment) request.environment.push_back(name + "=" + value);
  request.input = call.input;
  const bool is_here = call.directory != "." && !RemoteFiles::is_remote_path(call.directory);
  request.folder = is_here ? call.directory : "";
  request.limit = std::chrono::minutes(5);
  request.output_limit = 16u << 20;
  auto result = run_process(request);
  if (!result) return std::move(result).error();
  return helmfile::ExecOutput{
      .exit_code = result->exit_code, .out = std::move(result->output), .error_text = std::move(result->error_output)};
}

}  // namespace

helmfile::Files local_files() {
  helmfile::Files files;
  files.read = [](const std::string& path) -> Result<std::string> {
    auto bytes = read_file(path, max_read);
    if (!bytes && bytes.error().code == Errc::not_found)
      return Error{Errc::not_found, "open " + path + ": no such file or directory"};
    return bytes;
  };
  files.kind = kind_of;
  files.list = list_folder;
  return files;
}

helmfile::Outside local_outside(const functions::Outside* functions) {
  helmfile::Outside outside;
  outside.files = local_files();
  outside.variable = [](const std::string& name) -> std::optional<helmfile::Variable> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return helmfile::Variable{.text = value};
  };
  outside.exec = run;
  outside.functions = functions;
  return outside;
}

Result<std::string> host_by_name(std::string_view host) {
  const std::string name(host);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(name.c_str(), nullptr, &wanted, &found);
  if (code != 0) return Error{Errc::not_found, "no address of \"" + name + "\" is known: " + ::gai_strerror(code)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept(found, &::freeaddrinfo);
  char text[NI_MAXHOST];
  if (::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
    return Error{Errc::not_found, "no address of \"" + name + "\" can be written down"};
  return std::string(text);
}

functions::Outside local_functions() {
  functions::Outside outside;
  outside.now = []() -> Result<functions::Moment> {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return functions::Moment{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
  };
  outside.random_bytes = [](std::size_t size) -> Result<std::string> { return random_bytes(size); };
  outside.zone_file = [](std::string_view zone) -> Result<std::string> {
    const bool plain = !zone.empty() && zone.front() != '/' && zone.find("..") == std::string_view::npos;
    if (!plain) return Error{Errc::not_found, "unknown time zone"};
    return read_file(fs::path("/usr/share/zoneinfo") / zone, 1u << 20);
  };
  outside.schema = [](const std::string& url) {
    static const auto read = [] {
      RemoteRules rules;
      rules.download.may_speak_plainly = [](const std::string&) { return true; };
      rules.may_read = [](const std::string&) { return Result<>(); };
      return RemoteFiles::reader(std::make_shared<RemoteFiles>(std::move(rules)));
    }();
    return read(url);
  };
  return outside;
}

}  // namespace sluice::source
