#include "core/base/digest.hpp"
#include "server/store/reader.hpp"
#include "server/store/rows.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

// What is remembered of others: clusters found, answers given.

namespace sluice::store {

// ---- clusters --------------------------------------------------------------------------------------------------------

Result<std::optional<KnownCluster>> Reader::known_cluster(const std::string& name) const {
  auto rows = db_.query("SELECT uid, ca_sha256 FROM cluster_identities WHERE cluster = ?1", name);
  if (!rows->next()) return std::optional<KnownCluster>{};
  return std::optional<KnownCluster>{{rows->text(0), rows->text(1)}};
}

Result<std::string> Reader::remote_id(DeploymentId id, const std::string& target) const {
  auto rows = db_.query("SELECT response_id FROM outbox WHERE deployment = ?1 AND target = ?2 AND response_id <> '' ORDER BY id DESC LIMIT 1", id, target);
  return rows->next() ? rows->text(0) : std::string();
}

Result<> Writer::know_cluster(const std::string& name, const KnownCluster& cluster) {
  db_.run(
      "INSERT INTO cluster_identities (cluster, uid, ca_sha256, seen_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (cluster) DO UPDATE SET "
      "uid = excluded.uid, ca_sha256 = excluded.ca_sha256, seen_ms = excluded.seen_ms",
      name, cluster.uid, cluster.ca_sha256, clock_.wall());
  return audit_note("sluice", "cluster.known", "", name + " is the cluster with kube-system uid " + cluster.uid + ", CA " + cluster.ca_sha256);
}

// ---- answers ---------------------------------------------------------------------------------------------------------

Result<std::optional<KeptAnswer>> Reader::answer(const Sha256& key) const {
  auto rows = db_.query("SELECT body_sha256, status, content_type, body FROM answers WHERE key = ?1", Blob{bytes_of(key)});
  if (!rows->next()) return std::optional<KeptAnswer>{};
  KeptAnswer found{.status = static_cast<int>(rows->integer(1)), .content_type = rows->text(2), .body = rows->text(3)};
  const std::string hash = rows->text(0);
  std::copy_n(hash.begin(), std::min(hash.size(), found.body_hash.size()), found.body_hash.begin());
  return std::optional<KeptAnswer>{std::move(found)};
}

Result<> Writer::keep_answer(const Sha256& key, const KeptAnswer& answer) {
  db_.run(
      "INSERT INTO answers (key, body_sha256, status, content_type, body, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO NOTHING",
      Blob{bytes_of(key)}, Blob{bytes_of(answer.body_hash)}, answer.status, answer.content_type, answer.body, clock_.wall());
  return {};
}

}  // namespace sluice::store
