#include "server/store/inbox.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/digest.hpp"
#include "server/base/files.hpp"
#include "server/base/log.hpp"
#include "server/base/random.hpp"
#include "server/store/rows.hpp"

namespace sluice::store {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;

static constexpr Logger log{"store"};
static constexpr std::size_t size_limit = 64 << 10;
static constexpr std::size_t count_limit = 16;
static constexpr auto answer_limit = 10s;

Result<Token> apply(Writer& writer, const Request& request) {
  if (request.action == "token.create") return writer.insert_token(request.token, request.token_hash, request.by);
  if (request.action == "token.revoke") {
    if (auto done = writer.revoke_token(request.token_id, request.by); !done) return std::move(done).error();
    return Token{};
  }
  return Error{Errc::unsupported, "this sluice does not know the request " + request.action};
}

// ---- as files --------------------------------------------------------------------------------------------------------

static json to_json(const Request& request) {
  const auto& person = request.token.person;
  json out{{"action", request.action},
           {"by", request.by},
           {"token_id", request.token_id},
           {"name", request.token.name},
           {"hash", to_hex(request.token_hash)},
           {"person", person.name},
           {"person_id", person.id},
           {"roles", joined_roles(person.roles)},
           {"environments", person.environments}};
  if (request.token.expires) out["expires"] = to_rfc3339(*request.token.expires);
  return out;
}

static Result<Request> from_json(const json& in) {
  Request out;
  out.action = in.at("action");
  out.by = in.at("by");
  out.token_id = in.at("token_id");
  out.token.name = in.at("name");
  out.token.person.name = in.at("person");
  out.token.person.id = in.at("person_id");
  out.token.person.roles = split_roles(in.at("roles").get<std::string>());
  out.token.person.environments = in.at("environments").get<std::vector<std::string>>();
  const auto hash = from_hex(in.at("hash").get<std::string>());
  if (!hash || hash->size() != out.token_hash.size()) return Error{Errc::invalid, "the token's hash has not 64 hex digits"};
  std::ranges::copy(*hash, out.token_hash.begin());
  if (in.contains("expires")) {
    auto expires = parse_rfc3339(in.at("expires").get<std::string>());
    if (!expires) return std::move(expires).error();
    out.token.expires = *expires;
  }
  return out;
}

static Result<Request> read_request(const fs::path& file, uid_t owner) {
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || (info.st_mode & 077) != 0 || info.st_uid != owner) {
    return Error{Errc::denied, "the request is not a private file of the data folder's owner"};
  }
  auto text = read_file(file, size_limit);
  if (!text) return std::move(text).error();
  try {
    return from_json(json::parse(*text));
  } catch (const json::exception&) {
    return Error{Errc::invalid, "the request cannot be read"};
  }
}

std::vector<Waiting> read_inbox(const fs::path& folder) {
  struct stat info {};
  const auto inbox = folder / "inbox";
  if (::lstat(inbox.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return {};
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::directory_iterator at(inbox, failed), end; !failed && at != end && files.size() < count_limit; at.increment(failed)) {
    if (at->path().extension() == ".request") files.push_back(at->path());
  }
  std::ranges::sort(files);
  std::vector<Waiting> out;
  for (const auto& file : files) out.push_back({file, read_request(file, info.st_uid)});
  return out;
}

void answer(const fs::path& request_file, const Result<Token>& outcome) {
  json text{{"id", outcome ? outcome->id : 0}};
  if (outcome && outcome->id != 0) text["created"] = to_rfc3339(outcome->created);
  if (!outcome) text = {{"code", static_cast<int>(outcome.error().code)}, {"error", outcome.error().what}};
  fs::path to = request_file;
  to.replace_extension(".answer");
  if (auto written = write_file(to, text.dump()); !written) log.error("request not answered error={}", written.error().what);
  ::unlink(request_file.c_str());
}

static Result<Token> read_answer(const std::string& text, const Request& request) {
  const auto parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return Error{Errc::unavailable, "the daemon's answer cannot be read"};
  if (parsed.contains("error")) return Error{static_cast<Errc>(parsed.value("code", 0)), parsed.value("error", "")};
  Token out;
  out.id = parsed.value("id", std::int64_t{0});
  out.name = request.token.name;
  out.person = request.token.person;
  out.expires = request.token.expires;
  if (auto created = parse_rfc3339(parsed.value("created", ""))) out.created = *created;
  return out;
}

/// Gives what root made in somebody else's data folder to that owner, who has to read and remove it.
static void give_to_owner(const fs::path& folder, const fs::path& made) {
  struct stat info {};
  if (::geteuid() == 0 && ::stat(folder.c_str(), &info) == 0 && ::lchown(made.c_str(), info.st_uid, info.st_gid) != 0) {
    log.warn("request not given to the owner of the data folder path={}", made.string());
  }
}

Result<Token> ask_daemon(const fs::path& folder, const Request& request) {
  const auto inbox = folder / "inbox";
  if (::mkdir(inbox.c_str(), 0700) == 0) give_to_owner(folder, inbox);
  const auto id = random_hex(8);
  const auto hidden = inbox / ("." + id);
  const auto file = inbox / (id + ".request");
  const auto answered = inbox / (id + ".answer");
  if (auto written = write_file(hidden, to_json(request).dump()); !written) return std::move(written).error();
  give_to_owner(folder, hidden);
  if (::rename(hidden.c_str(), file.c_str()) != 0) return Error{Errc::unavailable, "leaving a request: " + errno_text(errno)};
  for (auto waited = 0ms; waited < answer_limit; waited += 50ms) {
    if (auto text = read_file(answered, size_limit)) {
      ::unlink(answered.c_str());
      return read_answer(*text, request);
    }
    std::this_thread::sleep_for(50ms);
  }
  ::unlink(file.c_str());
  return Error{Errc::timeout, "no running sluice took the request in 10 s; start sluice serve, or run this as the owner of the data folder"};
}

}  // namespace sluice::store
