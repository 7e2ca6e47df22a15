#include "server/base/failpoint.hpp"
#include "server/store/migrations.hpp"

namespace sluice::store {

static constexpr std::int64_t application_id = 0x534c5543;  // "SLUC"

Result<std::size_t> schema_of(Connection& database) {
  const auto application = database.ask("PRAGMA application_id");
  const auto version = database.ask("PRAGMA user_version");
  const auto tables = database.ask("SELECT count(*) FROM sqlite_schema");
  if (application == 0 && version == 0 && tables == 0) return std::size_t{0};
  if (application != application_id) return Error{Errc::invalid, "the database was not made by sluice"};
  const auto known = migrations().size();
  if (version < 1 || static_cast<std::size_t>(version) > known) {
    return Error{Errc::invalid, "the database has schema " + std::to_string(version) + ", this version knows schemas up to " +
                                    std::to_string(known) + "; start the newer sluice again, or restore the backup made before the upgrade"};
  }
  return static_cast<std::size_t>(version);
}

Result<> migrate(Connection& database, std::size_t to) {
  auto from = schema_of(database);
  if (!from) return std::move(from).error();
  if (*from >= to) return {};
  Transaction transaction{database};
  database.run("PRAGMA application_id = 0x534c5543");
  for (std::size_t i = *from; i < to; ++i) {
    database.run_script(migrations()[i]);
    if (auto planted = failpoint("migrate.step")) return std::move(*planted);
    database.set_schema(i + 1);
  }
  if (database.count_of("PRAGMA foreign_key_check") != 0) {
    return Error{Errc::invalid, "migrating: rows would refer to rows that are absent; nothing was changed"};
  }
  transaction.commit();
  return {};
}

}  // namespace sluice::store
