-- least-compatible: 1
-- verify: SELECT COUNT(*) = 10 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('idempotency_keys', 'feed_heads', 'feed_events', 'records', 'record_enterprises', 'record_revisions', 'import_chunks', 'obligations', 'summary_revisions', 'summary_reviews')

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

-- Records at their newest revision. body is the normalised submission as a protobuf message.
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
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (record_id),
  UNIQUE KEY by_source (source_system, external_id),
  KEY by_unit (org_unit_id, on_date, record_id),
  KEY by_date (on_date, record_id),
  KEY by_category (category_id, on_date, record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which enterprises the newest revision of a record concerns.
CREATE TABLE IF NOT EXISTS record_enterprises (
  uscc CHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  record_id BINARY(16) NOT NULL,
  PRIMARY KEY (uscc, record_id),
  KEY by_record (record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Revisions of records that a newer one took the place of, when and by whom.
CREATE TABLE IF NOT EXISTS record_revisions (
  record_id BINARY(16) NOT NULL,
  revision BIGINT NOT NULL,
  digest BINARY(32) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  recorded_by VARCHAR(255) NOT NULL,
  PRIMARY KEY (record_id, revision)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Chunks of imports that are on disk.
CREATE TABLE IF NOT EXISTS import_chunks (
  import_id BINARY(16) NOT NULL,
  chunk_number BIGINT NOT NULL,
  PRIMARY KEY (import_id, chunk_number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who owes which monthly summary, and where it stands. Made when the month begins and never deleted. month is its
-- first day. sequence counts every change. body is the summary as a protobuf message. The columns beside it repeat
-- what rows are found, ordered and counted by.
CREATE TABLE IF NOT EXISTS obligations (
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state TINYINT NOT NULL,
  due_at DATETIME(6) NOT NULL,
  due_provisional TINYINT NOT NULL,
  calendar_version BIGINT NOT NULL,
  first_submitted_at DATETIME(6) NULL,
  late TINYINT NOT NULL,
  revision BIGINT NOT NULL,
  digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  returned_count INT NOT NULL,
  waiver_reason VARCHAR(500) NOT NULL,
  sequence BIGINT NOT NULL,
  partition_number INT NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (org_unit_id, month, form_id),
  KEY by_month (month DESC, org_unit_id, form_id),
  KEY by_state (state, month DESC, org_unit_id, form_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every revision of a summary as it was sent. Never changed.
CREATE TABLE IF NOT EXISTS summary_revisions (
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision BIGINT NOT NULL,
  digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitted_at DATETIME(6) NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  recorded_by VARCHAR(255) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (org_unit_id, month, form_id, revision)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every review, named by the summary's sequence after it. Never changed.
CREATE TABLE IF NOT EXISTS summary_reviews (
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  month DATE NOT NULL,
  form_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sequence BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  decision TINYINT NOT NULL,
  comment TEXT NOT NULL,
  reviewed_at DATETIME(6) NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  reviewer VARCHAR(255) NOT NULL,
  PRIMARY KEY (org_unit_id, month, form_id, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
