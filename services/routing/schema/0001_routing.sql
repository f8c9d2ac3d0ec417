-- least-compatible: 1
-- verify: SELECT COUNT(*) = 11 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('idempotency_keys', 'feed_heads', 'feed_events', 'feed_cursors', 'followed_directory', 'directory_recounts', 'catalogues', 'cases', 'case_bodies', 'case_events', 'case_dates')

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

-- The feed. Partition 0 belongs to the directory and stays empty here.
CREATE TABLE IF NOT EXISTS feed_events (
  partition_number INT NOT NULL,
  sequence BIGINT NOT NULL,
  payload MEDIUMBLOB NOT NULL,
  PRIMARY KEY (partition_number, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far the feeds of others are applied; moved by compare and set in the transaction of the effects. commit_id is
-- that of the event at the cursor.
CREATE TABLE IF NOT EXISTS feed_cursors (
  source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_number INT NOT NULL,
  sequence BIGINT NOT NULL,
  commit_id BIGINT NOT NULL,
  PRIMARY KEY (source, partition_number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The copy of the directory's log: what these changes add up to is the directory as routing knows it.
CREATE TABLE IF NOT EXISTS followed_directory (
  sequence BIGINT NOT NULL,
  payload MEDIUMBLOB NOT NULL,
  PRIMARY KEY (sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Changes of the directory (a calendar, units and departments that ended or moved) that have not reached all cases that
-- were open then: those up to after_case have it.
CREATE TABLE IF NOT EXISTS directory_recounts (
  directory_sequence BIGINT NOT NULL,
  after_case BINARY(16) NOT NULL,
  PRIMARY KEY (directory_sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Every version of the responsibility catalogue. The highest is in force; none is ever changed. digest is that of the
-- content without its version.
CREATE TABLE IF NOT EXISTS catalogues (
  version BIGINT NOT NULL,
  digest BINARY(32) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  applied_at DATETIME(6) NOT NULL,
  applied_by VARCHAR(255) NOT NULL,
  PRIMARY KEY (version)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What cases are found, filtered and ordered by, as it is now. Narrow, so that filters without an index of their own read
-- some 200 bytes a case. Dates are Asia/Shanghai.
CREATE TABLE IF NOT EXISTS cases (
  case_id BINARY(16) NOT NULL,
  issue_record_id BINARY(16) NOT NULL,
  source_system VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  external_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_number INT NOT NULL,
  sequence BIGINT NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lead_department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lead_function VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state TINYINT NOT NULL,
  outcome TINYINT NOT NULL,
  issue_kind TINYINT NOT NULL,
  category_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  received_at DATETIME(6) NOT NULL,
  closed_on DATE NULL,
  resolved_on DATE NULL,
  response_due_on DATE NULL,
  handling_due_on DATE NULL,
  called_back_on DATE NULL,
  latest_at DATETIME(6) NOT NULL,
  first_accepted_at DATETIME(6) NULL,
  unanswered_call_backs INT NOT NULL,
  PRIMARY KEY (case_id),
  UNIQUE KEY by_issue (issue_record_id),
  UNIQUE KEY by_source (source_system, external_id),
  -- Pages are read newest receipt first; each of the work lists that people live in (a unit's, an owner's, a
  -- department's) has an index that ends in that order. The other filters only thin those out.
  KEY by_receipt (received_at DESC, case_id),
  KEY by_unit (org_unit_id, received_at DESC, case_id),
  KEY by_owner (owner_org_unit_id, state, received_at DESC, case_id),
  KEY by_lead (lead_department_id, state, received_at DESC, case_id),
  -- The records behind a figure are asked for by a span of days, in a unit: with these an index alone gives the page's keys
  -- and the count.
  KEY by_due (handling_due_on, org_unit_id, received_at, case_id),
  KEY by_response_due (response_due_on, org_unit_id, received_at, case_id),
  KEY by_closing (closed_on, org_unit_id, received_at, case_id),
  KEY by_resolution (resolved_on, org_unit_id, received_at, case_id),
  KEY by_call_back (called_back_on, org_unit_id, received_at, case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- body is the case without history, facts what the feed was last told.
CREATE TABLE IF NOT EXISTS case_bodies (
  case_id BINARY(16) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  facts MEDIUMBLOB NOT NULL,
  PRIMARY KEY (case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The history. Its key is the compare-and-set of every change: whoever writes a sequence second runs again.
CREATE TABLE IF NOT EXISTS case_events (
  case_id BINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (case_id, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Days on which a case was escalated (kind 1) or departments were convened on it (kind 2).
CREATE TABLE IF NOT EXISTS case_dates (
  case_id BINARY(16) NOT NULL,
  kind TINYINT NOT NULL,
  on_date DATE NOT NULL,
  PRIMARY KEY (case_id, kind, on_date),
  KEY by_date (kind, on_date, case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
