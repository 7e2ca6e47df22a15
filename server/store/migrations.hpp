#pragma once

#include <span>
#include <string_view>

#include "core/base/result.hpp"
#include "server/store/sqlite.hpp"

namespace sluice::store {

/// One numbered file of migrations/, built in. The first brings schema 1 to an empty database, and so on.
struct Migration {
  std::string_view name;
  const char* sql;
};

std::span<const Migration> migrations();

/// Brings the database from its schema to `to` (all of them by default), each file in one transaction with its number.
/// Errors: invalid for a schema newer than this program knows, or a file that is not ours.
Result<> migrate(Connection& database, std::size_t to);

/// The number of files applied so far; 0 for an empty database.
Result<std::size_t> schema_of(Connection& database);

}  // namespace sluice::store
