#include "server/store/admin.hpp"

#include "core/base/digest.hpp"
#include "server/base/random.hpp"
#include "server/store/folder.hpp"
#include "server/store/inbox.hpp"
#include "server/store/migrations.hpp"
#include "server/store/writer.hpp"

namespace sluice::store {

namespace fs = std::filesystem;

Result<Admin> Admin::open(fs::path folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    if (fs::exists(folder, ignored)) return Error{Errc::invalid, folder.string() + " is not a folder"};
    if (auto made = prepare_data_folder(folder); !made) return std::move(made).error();
  }
  return Admin(std::move(folder));
}

/// Runs `look` on a connection that cannot write.
template <class Look>
static auto looked(const fs::path& folder, const Sealer& sealer, Look look) -> std::invoke_result_t<Look, Connection&, const Reader&> {
  const auto file = folder / "sluice.db";
  if (!fs::exists(file)) return Error{Errc::not_found, "there is no database in " + folder.string() + " yet; start sluice serve first"};
  try {
    auto database = Connection::open(file, Access::read);
    if (!database) return std::move(database).error();
    if (auto schema = schema_of(**database); !schema) return std::move(schema).error();
    const Clock clock = system_clock();
    return look(**database, Reader(**database, sealer, clock));
  } catch (const StorageError& error) {
    if (error.kind == StorageError::Kind::damaged) return Error{Errc::invalid, "the database is damaged: " + error.text};
    return to_error(error);
  }
}

/// Makes the change in the database itself; nobody else has the folder.
static Result<Token> apply_here(const Folder& folder, const Request& request) {
  const Sealer no_key;
  auto database = open_database(folder.database(), no_key);
  if (!database) return std::move(database).error();
  const Clock clock = system_clock();
  try {
    Writer writer(**database, no_key, clock);
    Transaction transaction{**database};
    auto done = apply(writer, request);
    if (done) transaction.commit();
    return done;
  } catch (const StorageError& error) {
    return to_error(error);
  }
}

static Result<Token> change(const fs::path& path, const Request& request) {
  auto folder = Folder::take(path);
  if (folder) return apply_here(*folder, request);
  if (folder.error().code != Errc::unavailable && folder.error().code != Errc::denied) return std::move(folder).error();
  if (!fs::exists(path / "sluice.db")) return std::move(folder).error();
  return ask_daemon(path, request);
}

Result<CreatedToken> Admin::create_token(const NewToken& token) {
  CreatedToken out;
  out.text = new_token_text();
  Request request{.action = "token.create", .token = token, .token_hash = sha256(out.text.reveal()), .by = "administrator"};
  if (request.token.person.name.empty()) request.token.person.name = token.name;
  auto record = change(folder_, request);
  if (!record) return std::move(record).error();
  out.record = std::move(*record);
  return out;
}

Result<> Admin::revoke_token(std::int64_t id, const std::string& by) {
  auto done = change(folder_, {.action = "token.revoke", .token = {}, .token_id = id, .by = by});
  if (!done) return std::move(done).error();
  return {};
}

Result<std::vector<Token>> Admin::tokens() const {
  return looked(folder_, Sealer(), [](Connection&, const Reader& reader) { return reader.tokens(); });
}

Result<AuditVerdict> Admin::verify_audit() const {
  return looked(folder_, Sealer(), [](Connection&, const Reader& reader) { return reader.verify_audit(); });
}

Result<> Admin::backup(const fs::path& file) const {
  return looked(folder_, Sealer(), [&](Connection& database, const Reader&) { return copy_database(database, file); });
}

Result<Delivery> Admin::delivery(DeliveryId id, const Secret& key) const {
  return looked(folder_, Sealer(key), [&](Connection&, const Reader& reader) { return reader.delivery(id); });
}

}  // namespace sluice::store
