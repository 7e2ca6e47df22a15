-- The first schema. Times are milliseconds since 1970 in UTC; a moment that a deadline counts from has three columns: the
-- calendar (_ms), the monotonic clock in nanoseconds (_mono), and the start of the machine that the latter counts from (_boot).
-- Columns named sealed_* are AES-256-GCM under the key of the credential, with table, column and row id as associated data.

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  guid TEXT NOT NULL,
  hook_id TEXT NOT NULL,
  event TEXT NOT NULL,
  action TEXT NOT NULL,
  repository TEXT NOT NULL,
  trigger_key TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  body_sha256 BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'claimed', 'done', 'ignored', 'failed', 'duplicate', 'poisoned')),
  result TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  sealed_body BLOB,
  UNIQUE (guid, hook_id)
) STRICT;
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';
CREATE INDEX deliveries_claimed ON deliveries (id) WHERE state = 'claimed';
CREATE INDEX deliveries_with_body ON deliveries (received_ms) WHERE sealed_body IS NOT NULL;
CREATE INDEX deliveries_received ON deliveries (received_ms);

-- What each event means, at most once.
CREATE TABLE triggers (
  key TEXT PRIMARY KEY,
  delivery INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX triggers_created ON triggers (created_ms);

CREATE TABLE deployments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository TEXT NOT NULL,
  environment TEXT NOT NULL,
  cluster TEXT NOT NULL,
  ref TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  config_digest TEXT NOT NULL,
  once_key TEXT UNIQUE,
  trigger TEXT NOT NULL,
  title TEXT NOT NULL,
  initiator TEXT NOT NULL,
  initiator_id INTEGER NOT NULL,
  origin INTEGER REFERENCES deployments (id),
  delivery INTEGER,
  state TEXT NOT NULL CHECK (state IN ('received', 'waiting_for_image', 'planning', 'no_changes', 'plan_failed', 'awaiting_approval',
    'approved', 'deploying', 'verifying', 'succeeded', 'failed', 'rolled_back', 'rejected', 'expired', 'superseded', 'cancelled',
    'interrupted', 'poisoned')),
  reason TEXT NOT NULL DEFAULT '',
  plan INTEGER REFERENCES plans (id),
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  deaths INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  started_ms INTEGER,
  finished_ms INTEGER
) STRICT;
CREATE INDEX deployments_environment ON deployments (environment, id);
CREATE INDEX deployments_repository ON deployments (repository, id);
CREATE INDEX deployments_both ON deployments (repository, environment, id);
CREATE INDEX deployments_state ON deployments (state, id);
CREATE INDEX deployments_environment_state ON deployments (environment, state, id);
CREATE INDEX deployments_origin ON deployments (origin) WHERE origin IS NOT NULL;

CREATE TABLE plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment INTEGER NOT NULL REFERENCES deployments (id),
  digest TEXT NOT NULL,
  environment TEXT NOT NULL,
  cluster TEXT NOT NULL,
  expires_after_ms INTEGER NOT NULL,
  ready_ms INTEGER NOT NULL,
  ready_mono INTEGER NOT NULL,
  ready_boot TEXT NOT NULL,
  diff_was_cut INTEGER NOT NULL,
  summary TEXT NOT NULL,
  diff_text TEXT NOT NULL,
  diff_json TEXT NOT NULL,
  sealed_bytes BLOB NOT NULL
) STRICT;
CREATE INDEX plans_deployment ON plans (deployment);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment INTEGER NOT NULL REFERENCES deployments (id),
  wish TEXT NOT NULL CHECK (wish IN ('approve', 'reject', 'cancel')),
  person TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  digest TEXT NOT NULL,
  environment TEXT NOT NULL,
  cluster TEXT NOT NULL,
  comment TEXT NOT NULL,
  hold TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  at_mono INTEGER NOT NULL,
  at_boot TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_deployment ON decisions (deployment, id);
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are only added'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are only added'); END;

-- The fencing numbers of environments, and who may write to a cluster now.
CREATE TABLE fences (
  environment TEXT PRIMARY KEY,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
  cluster TEXT PRIMARY KEY,
  environment TEXT NOT NULL UNIQUE,
  deployment INTEGER NOT NULL UNIQUE REFERENCES deployments (id),
  fence INTEGER NOT NULL,
  boot TEXT NOT NULL,
  renewed_mono INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row before each writing call to a cluster, made true after it. A resumed push starts by reading these objects.
CREATE TABLE journal (
  deployment INTEGER NOT NULL REFERENCES deployments (id),
  step INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  object TEXT NOT NULL,
  verb TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sending', 'confirmed')),
  uid TEXT NOT NULL DEFAULT '',
  resource_version TEXT NOT NULL DEFAULT '',
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (deployment, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment INTEGER NOT NULL REFERENCES deployments (id),
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX events_deployment ON events (deployment, sequence);

CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actor_id INTEGER NOT NULL,
  action TEXT NOT NULL,
  deployment INTEGER NOT NULL,
  environment TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_deployment ON audit (deployment, sequence);
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  sha256 BLOB NOT NULL UNIQUE,
  person TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  roles TEXT NOT NULL,
  environments TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  last_used_ms INTEGER,
  revoked_ms INTEGER
) STRICT;

CREATE TABLE environment_locks (
  environment TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  person TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  natural_key TEXT NOT NULL UNIQUE,
  deployment INTEGER,
  target TEXT NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
  response_id TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (not_before_ms) WHERE state = 'pending';
