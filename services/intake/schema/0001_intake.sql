-- least-compatible: 1
-- verify: SELECT COUNT(*) = 19 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('idempotency_keys', 'feed_heads', 'feed_events', 'records', 'record_enterprises', 'visited_enterprises', 'record_revisions', 'record_contacts', 'withdrawn_records', 'record_links', 'import_chunks', 'obligations', 'summary_history', 'summary_basis', 'summary_periods', 'enterprises', 'enterprise_tags', 'visit_plans', 'visit_quotas')

-- First answers of mutations, by request id.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  request_id BINARY(16) NOT NULL,
  method VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  body_digest BINARY(32) NOT NULL,
  response MEDIUMBLOB NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  PRIMARY KEY (request_id),
  KEY by_age (recorded_at, request_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Where each partition of the feed ends. Its row is locked last in each transaction that writes to the partition.
CREATE TABLE IF NOT EXISTS feed_heads (
  partition_number INT NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (partition_number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The feed. Partition 0 is the directory and its only home: the directory is what these events add up to.
CREATE TABLE IF NOT EXISTS feed_events (
  partition_number INT NOT NULL,
  sequence BIGINT NOT NULL,
  payload MEDIUMBLOB NOT NULL,
  PRIMARY KEY (partition_number, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Records at their newest revision. body is the normalised submission as a protobuf message, without contact and row
-- key. recorded_by sent this revision, at updated_at. contact: 0 none; 1 there, as in the revision before; 2 there, and
-- another than before; 3 none any more. withdrawal_reason NULL: the record counts.
-- category_tree_version: what an issue was filed by; 0: none was declared, or it is no issue.
CREATE TABLE IF NOT EXISTS records (
  record_id BINARY(16) NOT NULL,
  source_system VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  external_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind TINYINT NOT NULL,
  on_date DATE NOT NULL,
  issue_kind TINYINT NOT NULL,
  category_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision BIGINT NOT NULL,
  digest BINARY(32) NOT NULL,
  partition_number INT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  recorded_by VARCHAR(255) NOT NULL,
  contact TINYINT NOT NULL,
  withdrawal_reason VARCHAR(500) NULL,
  category_tree_version BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (record_id),
  UNIQUE KEY by_source (source_system, external_id),
  KEY by_unit (org_unit_id, on_date, record_id),
  KEY by_date (on_date, record_id),
  KEY by_category (category_id, on_date, record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which enterprises the newest revision of a record that counts concerns. The key alone tells when an enterprise was
-- last visited, and gives its newest records of a kind. policy_id: of a policy delivery; empty otherwise.
CREATE TABLE IF NOT EXISTS record_enterprises (
  uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind TINYINT NOT NULL,
  on_date DATE NOT NULL,
  record_id BINARY(16) NOT NULL,
  policy_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (uscc, kind, on_date, record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The same of visits, by day and unit: what quotas of visits are counted by. A table of its own, since only visits pay
-- for it, and counting a month out of it is eight times as fast as out of records.
CREATE TABLE IF NOT EXISTS visited_enterprises (
  on_date DATE NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  record_id BINARY(16) NOT NULL,
  uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  team_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (on_date, org_unit_id, record_id, uscc)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Revisions of records that a newer one took the place of. The columns are those of records: recorded_at and
-- recorded_by say when each came, and from whom.
CREATE TABLE IF NOT EXISTS record_revisions (
  record_id BINARY(16) NOT NULL,
  revision BIGINT NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  recorded_by VARCHAR(255) NOT NULL,
  contact TINYINT NOT NULL,
  withdrawal_reason VARCHAR(500) NULL,
  category_tree_version BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (record_id, revision)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Contacts of the newest revisions, sealed by the key that key_id names for their record alone; former ones are not kept.
-- Only records with a contact pay for it. by_key: what is still to be sealed again when keys are exchanged.
CREATE TABLE IF NOT EXISTS record_contacts (
  record_id BINARY(16) NOT NULL,
  key_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sealed VARBINARY(1024) NOT NULL,
  PRIMARY KEY (record_id),
  KEY by_key (key_id, record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The records that are withdrawn now: few, and found here instead of by an index that all records would pay for.
CREATE TABLE IF NOT EXISTS withdrawn_records (
  record_id BINARY(16) NOT NULL,
  PRIMARY KEY (record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Links between records, oldest first by link_id. Removed ones are kept with the reason; removed_at NULL: it stands.
CREATE TABLE IF NOT EXISTS record_links (
  from_record_id BINARY(16) NOT NULL,
  link_id BINARY(16) NOT NULL,
  kind TINYINT NOT NULL,
  to_record_id BINARY(16) NOT NULL,
  reason VARCHAR(500) NOT NULL,
  actor VARCHAR(255) NOT NULL,
  linked_at DATETIME(6) NOT NULL,
  removed_at DATETIME(6) NULL,
  removed_by VARCHAR(255) NOT NULL,
  removal_reason VARCHAR(500) NOT NULL,
  PRIMARY KEY (from_record_id, link_id),
  KEY by_target (to_record_id, link_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Chunks of imports that are on disk.
CREATE TABLE IF NOT EXISTS import_chunks (
  import_id BINARY(16) NOT NULL,
  chunk_number BIGINT NOT NULL,
  PRIMARY KEY (import_id, chunk_number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who owes which monthly summary, and where it stands. Made when the month begins and never deleted. month is its
-- first day. sequence counts every change. body is the summary as a protobuf message. The columns beside it repeat
-- what rows are found and ordered by. act_by: when an open one is to be sent, extended or returned as it may be; NULL
-- for one that is not open. remind_at: from when on there is something to remind its unit of; NULL: of nothing more.
CREATE TABLE IF NOT EXISTS obligations (
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state TINYINT NOT NULL,
  due_provisional TINYINT NOT NULL,
  act_by DATETIME(6) NULL,
  remind_at DATETIME(6) NULL,
  revision BIGINT NOT NULL,
  returned_count INT NOT NULL,
  sequence BIGINT NOT NULL,
  partition_number INT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (org_unit_id, month, form_id),
  KEY by_month (month DESC, org_unit_id, form_id),
  KEY by_state (state, month DESC, org_unit_id, form_id),
  -- Looked at every few seconds, and mostly empty where it is looked at.
  KEY by_reminder (remind_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every state that an obligation and its summary were in, from the first on. Never changed: what was known at a time
-- is the last row until then, and a revision as it was sent is the first row with its number.
CREATE TABLE IF NOT EXISTS summary_history (
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sequence BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  returned_count INT NOT NULL,
  partition_number INT NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  recorded_by VARCHAR(255) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (org_unit_id, month, form_id, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What the newest revision of each summary was made from, found by what is below: how far a change there reaches.
CREATE TABLE IF NOT EXISTS summary_basis (
  basis_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  basis_form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (basis_unit_id, month, basis_form_id, org_unit_id, form_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A form's month: which version it is owed by, and when it is locked. body is the period as a protobuf message.
CREATE TABLE IF NOT EXISTS summary_periods (
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  lock_provisional TINYINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (form_id, month),
  KEY by_month (month DESC, form_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Enterprises as they are now. body is the enterprise as a protobuf message; the columns beside it repeat what rows are
-- found by. search_name is the name as texts are compared for search. An enterprise's events stay in the partition of
-- its first address, so that they keep their order when it moves.
CREATE TABLE IF NOT EXISTS enterprises (
  uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  industry_section CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  size TINYINT NOT NULL,
  registered_on DATE NULL,
  closed_on DATE NULL,
  search_name TEXT NOT NULL,
  revision BIGINT NOT NULL,
  partition_number INT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (uscc),
  KEY by_unit (org_unit_id, uscc)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What enterprises are marked with.
CREATE TABLE IF NOT EXISTS enterprise_tags (
  tag VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (tag, uscc)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Standing orders to visit. body is the plan as a protobuf message without its etag, which follows from sequence.
-- decided_through is the last month (its first day) whose quota was decided, be it that none is owed: a change of the
-- plan reaches later months only. NULL: none was decided yet.
CREATE TABLE IF NOT EXISTS visit_plans (
  plan_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decided_through DATE NULL,
  sequence BIGINT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (plan_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Visits owed for a month. Made when the month begins and never deleted. month is its first day; body is the plan as it
-- was then. How many were made is counted when it is asked for.
CREATE TABLE IF NOT EXISTS visit_quotas (
  plan_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  waiver_reason VARCHAR(500) NOT NULL,
  waived_by VARCHAR(255) NOT NULL,
  made_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (plan_id, month),
  KEY by_month (month DESC, plan_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
