-- Answers already given to POSTs with an Idempotency-Key; which cluster was found behind each name.

CREATE TABLE answers (
  key BLOB PRIMARY KEY,
  body_sha256 BLOB NOT NULL,
  status INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  body TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_at ON answers (at_ms);

CREATE TABLE cluster_identities (
  cluster TEXT PRIMARY KEY,
  uid TEXT NOT NULL,
  ca_sha256 TEXT NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
