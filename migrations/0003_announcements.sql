-- How far the changes of state have been told: the last event that messages were made of.
CREATE TABLE cursors (
  name TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO cursors (name, sequence) SELECT 'announced', coalesce(max(sequence), 0) FROM events;

-- What one receiver is told of one deployment goes out in order.
CREATE INDEX outbox_in_order ON outbox (deployment, target, id) WHERE state = 'pending';
-- What a receiver calls a deployment of ours.
CREATE INDEX outbox_answered ON outbox (deployment, target, id) WHERE response_id <> '';
