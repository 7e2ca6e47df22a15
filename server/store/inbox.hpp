#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/store/writer.hpp"

namespace sluice::store {

/// A change that a command left in the data folder for the daemon: `inbox/ID.request`, answered by `inbox/ID.answer`.
struct Request {
  std::string action;  ///< "token.create", "token.revoke"
  NewToken token;      ///< of a creation
  Sha256 token_hash{};
  std::int64_t token_id = 0;  ///< of a revocation
  std::string by;
};

/// Does what was asked for. The record is empty for a revocation.
Result<Token> apply(Writer& writer, const Request& request);

/// For the command: leaves `request` and waits for its answer.
/// Errors: those of `apply`; timeout when the daemon does not answer in 10 s.
Result<Token> ask_daemon(const std::filesystem::path& folder, const Request& request);

struct Waiting {
  std::filesystem::path file;
  Result<Request> request;
};

/// For the daemon: what waits, oldest name first; at most 16. Anything but a private regular file of at most 64 KiB is refused.
std::vector<Waiting> read_inbox(const std::filesystem::path& folder);
/// Removes the request and leaves its answer.
void answer(const std::filesystem::path& request_file, const Result<Token>& outcome);

}  // namespace sluice::store
