-- least-compatible: 1
-- verify: SELECT COUNT(*) = 40 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('idempotency_keys', 'feed_heads', 'feed_events', 'feed_cursors', 'followed_directory', 'directory_recounts', 'catalogues', 'cases', 'case_bodies', 'case_events', 'case_dates', 'case_parts', 'case_ladders', 'case_duplicates', 'consultations', 'consultation_events', 'consultation_cases', 'consultation_departments', 'consultation_tasks', 'practices', 'practice_adoptions', 'practice_ratings', 'notices', 'themes', 'theme_events', 'theme_cases', 'theme_recurrence', 'preventive_items', 'theme_scans', 'same_cause_links', 'same_cause_seeds', 'assistant_pools', 'task_forces', 'task_force_events', 'task_force_departments', 'task_force_items', 'task_force_cases', 'task_force_visits', 'visits', 'special_items')

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

-- Every version of the responsibility catalogue; none is ever changed. On a day the highest that is valid then is in force:
-- without a first day valid_from is 1900-01-01, without a last one valid_to is 9999-12-31. digest is that of the content
-- without its version.
CREATE TABLE IF NOT EXISTS catalogues (
  version BIGINT NOT NULL,
  digest BINARY(32) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE NOT NULL,
  applied_at DATETIME(6) NOT NULL,
  applied_by VARCHAR(255) NOT NULL,
  PRIMARY KEY (version)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What cases are found, filtered and ordered by, as it is now. Narrow, so that filters without an index of their own read
-- some 500 bytes a case. Dates are Asia/Shanghai. handling_due_at is the far future when there is no deadline, so that those
-- come last. search_text is title, external id and enterprise name, folded for search. child_number: 0 is the case that the
-- issue became; its children count from 1 and have its issue.
CREATE TABLE IF NOT EXISTS cases (
  case_id BINARY(16) NOT NULL,
  issue_record_id BINARY(16) NOT NULL,
  source_system VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  external_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  partition_number INT NOT NULL,
  child_number INT NOT NULL,
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
  handling_due_at DATETIME(6) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  green_channel TINYINT NOT NULL,
  enterprise_uscc VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  task_force VARCHAR(100) NOT NULL,
  project VARCHAR(200) NOT NULL,
  priority TINYINT NOT NULL,
  search_text TEXT NOT NULL,
  PRIMARY KEY (case_id),
  -- An issue's case and, after it, its children.
  UNIQUE KEY by_issue (issue_record_id, child_number),
  UNIQUE KEY by_source (source_system, external_id, child_number),
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
  -- What an owner closed this month: by_closing would read what the whole city did. Entries come with a case and move when
  -- it is closed.
  KEY by_owner_closing (owner_org_unit_id, closed_on, received_at, case_id),
  KEY by_resolution (resolved_on, org_unit_id, received_at, case_id),
  KEY by_call_back (called_back_on, org_unit_id, received_at, case_id),
  -- The open ones (closed_on is NULL) by deadline: what is overdue or due soon, however many are open, is a stretch of it.
  KEY by_deadline (closed_on, handling_due_at, org_unit_id, case_id),
  -- What changed last, of all: without it a page would sort the table. Entries are added at its end alone, where it is cheap.
  KEY by_change (changed_at DESC, case_id),
  -- All of one enterprise: a few among all.
  KEY by_enterprise (enterprise_uscc, received_at DESC, case_id)
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

-- Days on which a case was escalated (kind 1), departments were convened on it (kind 2), or it was published in the bulletin
-- (kind 3).
CREATE TABLE IF NOT EXISTS case_dates (
  case_id BINARY(16) NOT NULL,
  kind TINYINT NOT NULL,
  on_date DATE NOT NULL,
  PRIMARY KEY (case_id, kind, on_date),
  KEY by_date (kind, on_date, case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- When a case is to be looked at by itself: when the next step of its escalation ladder fires; null: none will unless
-- something changes. Whoever fires a step claims this row first, by a conditional update. failures: how often in a row the
-- case could not be written then (or when the directory changed); next_at is when that is tried again. A case without a
-- ladder has a row only after such a failure.
CREATE TABLE IF NOT EXISTS case_ladders (
  case_id BINARY(16) NOT NULL,
  next_at DATETIME(6) NULL,
  failures INT NOT NULL DEFAULT 0,
  PRIMARY KEY (case_id),
  -- What is due is read from here alone, whatever else is open.
  KEY by_next (next_at, case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Issues that were marked duplicates at intake, by their records; either may not have become a case (yet). An issue repeats
-- one other at most.
CREATE TABLE IF NOT EXISTS case_duplicates (
  duplicate_record_id BINARY(16) NOT NULL,
  first_record_id BINARY(16) NOT NULL,
  linked_at DATETIME(6) NOT NULL,
  linked_by VARCHAR(255) NOT NULL,
  PRIMARY KEY (duplicate_record_id),
  -- Those of a first case, whenever it is closed. The table is small: few issues repeat another.
  KEY by_first (first_record_id, duplicate_record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Who has or had a part in a case. standing: 0 the part has ended, 1 it is in force and the case is closed, 2 it is in force
-- and the case is open. So a department's open cases are a stretch of the index, in whatever role. team_id: of an assistant,
-- the department's team; empty: the department itself. The index ends in it, so the loads of teams are counted there.
CREATE TABLE IF NOT EXISTS case_parts (
  case_id BINARY(16) NOT NULL,
  department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  role TINYINT NOT NULL,
  team_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  standing TINYINT NOT NULL,
  PRIMARY KEY (case_id, department_id, role, team_id),
  KEY by_department (department_id, standing, role, case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Units whose assistants were chosen from. Whoever chooses holds the unit's row until the choice is written, so that each
-- choice sees the one before it.
CREATE TABLE IF NOT EXISTS assistant_pools (
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (org_unit_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Consultations. body is the consultation without its tasks, summary what lists show.
CREATE TABLE IF NOT EXISTS consultations (
  consultation_id BINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state TINYINT NOT NULL,
  scheduled_at DATETIME(6) NOT NULL,
  summary BLOB NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (consultation_id),
  -- Lists are read latest meeting first, of all or of a unit.
  KEY by_meeting (scheduled_at DESC, consultation_id),
  KEY by_unit (org_unit_id, scheduled_at DESC, consultation_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Their histories.
CREATE TABLE IF NOT EXISTS consultation_events (
  consultation_id BINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (consultation_id, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which consultations are on a case.
CREATE TABLE IF NOT EXISTS consultation_cases (
  case_id BINARY(16) NOT NULL,
  consultation_id BINARY(16) NOT NULL,
  PRIMARY KEY (case_id, consultation_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which consultations a department is invited to or chairs.
CREATE TABLE IF NOT EXISTS consultation_departments (
  department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consultation_id BINARY(16) NOT NULL,
  PRIMARY KEY (department_id, consultation_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What was decided. due_on is there to filter and order by, as worked out with calendar_version: the truth is the term in
-- body, which is the task without the reports on it.
CREATE TABLE IF NOT EXISTS consultation_tasks (
  consultation_id BINARY(16) NOT NULL,
  number INT NOT NULL,
  owner_department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_open TINYINT NOT NULL,
  due_on DATE NOT NULL,
  calendar_version BIGINT NOT NULL,
  report_count INT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  progress MEDIUMBLOB NOT NULL,
  PRIMARY KEY (consultation_id, number),
  -- Lists are read the first due first: of a department, and of all.
  KEY by_owner (owner_department_id, is_open, due_on, consultation_id, number),
  KEY by_due (is_open, due_on, consultation_id, number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Solved cases written up for others. Identities grow with time, so the primary key is the order of lists; there are
-- thousands, not millions, and the other filters only thin them out. version counts every change.
CREATE TABLE IF NOT EXISTS practices (
  practice_id BINARY(16) NOT NULL,
  case_id BINARY(16) NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state TINYINT NOT NULL,
  version BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (practice_id),
  -- One for a case, and how those of similar cases are found.
  UNIQUE KEY by_case (case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which units do so too.
CREATE TABLE IF NOT EXISTS practice_adoptions (
  practice_id BINARY(16) NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (practice_id, org_unit_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The stars that each caller gave last.
CREATE TABLE IF NOT EXISTS practice_ratings (
  practice_id BINARY(16) NOT NULL,
  rater VARCHAR(255) NOT NULL,
  stars TINYINT NOT NULL,
  rated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (practice_id, rater)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Themes: cases with one cause. Identities grow with time, so the primary key is the order of lists; there are hundreds, and the
-- other filters only thin them out. version is the sequence of the last entry of the history.
CREATE TABLE IF NOT EXISTS themes (
  theme_id BINARY(16) NOT NULL,
  state TINYINT NOT NULL,
  category_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner_department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  due_on DATE NULL,
  version BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (theme_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Their histories.
CREATE TABLE IF NOT EXISTS theme_events (
  theme_id BINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (theme_id, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How a case stands to a theme: 1 member, 2 suggested, 3 removed.
CREATE TABLE IF NOT EXISTS theme_cases (
  theme_id BINARY(16) NOT NULL,
  case_id BINARY(16) NOT NULL,
  standing TINYINT NOT NULL,
  similarity DOUBLE NOT NULL,
  since DATETIME(6) NOT NULL,
  given_by VARCHAR(255) NOT NULL,
  PRIMARY KEY (theme_id, case_id),
  -- The themes of a case.
  KEY by_case (case_id, theme_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- On which days new cases of a theme are recurrence: received from the one instant on and before the other. No two of a theme
-- overlap. Only of themes that somebody confirmed; a few rows each.
CREATE TABLE IF NOT EXISTS theme_recurrence (
  theme_id BINARY(16) NOT NULL,
  received_from DATETIME(6) NOT NULL,
  received_before DATETIME(6) NOT NULL,
  PRIMARY KEY (theme_id, received_from)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What a theme asks of a district that has not complained yet.
CREATE TABLE IF NOT EXISTS preventive_items (
  theme_id BINARY(16) NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state TINYINT NOT NULL,
  due_on DATE NOT NULL,
  made_at DATETIME(6) NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (theme_id, org_unit_id),
  -- Lists are read the first due first: of a unit, and of all.
  KEY by_unit (org_unit_id, state, due_on, theme_id),
  KEY by_due (due_on, theme_id, org_unit_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far new cases were looked at for themes: places in this service's own log. One row, locked by whoever looks.
CREATE TABLE IF NOT EXISTS theme_scans (
  scan_id TINYINT NOT NULL,
  version BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (scan_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Issues that intake links as having the same cause; each link from both sides.
CREATE TABLE IF NOT EXISTS same_cause_links (
  record_id BINARY(16) NOT NULL,
  other_record_id BINARY(16) NOT NULL,
  PRIMARY KEY (record_id, other_record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Issues with a new link that were not looked at for themes yet.
CREATE TABLE IF NOT EXISTS same_cause_seeds (
  record_id BINARY(16) NOT NULL,
  PRIMARY KEY (record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The outbox: what other systems are told, written with what it tells of. state: 1 pending, 2 sent, 3 given up. due_at stands
-- for pending ones alone: not to be tried before; a sender that takes one puts it to the end of its claim. attempts counts
-- all tries and is what a claim is held by; attempts_before those before the last replay. notice_id grows with time. case_id:
-- of a reminder of a summary, which is of no case, an identity that stands for whose summary it is.
CREATE TABLE IF NOT EXISTS notices (
  notice_id BINARY(16) NOT NULL,
  case_id BINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  body MEDIUMBLOB NOT NULL,
  state TINYINT NOT NULL,
  due_at DATETIME(6) NULL,
  attempts INT NOT NULL,
  attempts_before INT NOT NULL,
  last_error VARCHAR(255) NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  sent_at DATETIME(6) NULL,
  PRIMARY KEY (notice_id),
  -- The sender's: what is due, and whether something of the same case is to be sent before it.
  KEY by_due (due_at, notice_id),
  KEY by_case (case_id, state, sequence),
  -- The dead ones among many sent ones, and the old ones that go.
  KEY by_state (state, notice_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Task forces. Identities grow with time, so the primary key is the order of lists; there are thousands, not millions, and
-- the filters only thin them out. body is the task force without its visits, summary what lists show. name is as cases have it.
CREATE TABLE IF NOT EXISTS task_forces (
  task_force_id BINARY(16) NOT NULL,
  name VARCHAR(100) NOT NULL,
  sequence BIGINT NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  project VARCHAR(200) NOT NULL,
  state TINYINT NOT NULL,
  summary BLOB NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (task_force_id),
  -- Cases name it so: one name, one task force.
  UNIQUE KEY by_name (name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Their histories.
CREATE TABLE IF NOT EXISTS task_force_events (
  task_force_id BINARY(16) NOT NULL,
  sequence BIGINT NOT NULL,
  body MEDIUMBLOB NOT NULL,
  PRIMARY KEY (task_force_id, sequence)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which departments are of which task force now.
CREATE TABLE IF NOT EXISTS task_force_departments (
  department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  task_force_id BINARY(16) NOT NULL,
  PRIMARY KEY (department_id, task_force_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What task forces are counted and filtered by of their checklists, which stand in their bodies. due_on is as worked out with
-- calendar_version from counted_from: working_days after it, or before it when they are not positive; null: the day itself.
CREATE TABLE IF NOT EXISTS task_force_items (
  task_force_id BINARY(16) NOT NULL,
  number INT NOT NULL,
  state TINYINT NOT NULL,
  is_open TINYINT NOT NULL,
  counted_from DATE NOT NULL,
  working_days INT NULL,
  due_on DATE NOT NULL,
  calendar_version BIGINT NOT NULL,
  settled_on DATE NULL,
  PRIMARY KEY (task_force_id, number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which cases a task force has or had: those that it has name it. Only cases with one have a row, so that the others, most of
-- them, are not made dearer by an index.
CREATE TABLE IF NOT EXISTS task_force_cases (
  task_force_id BINARY(16) NOT NULL,
  case_id BINARY(16) NOT NULL,
  PRIMARY KEY (task_force_id, case_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which visits are tied to which task force.
CREATE TABLE IF NOT EXISTS task_force_visits (
  task_force_id BINARY(16) NOT NULL,
  record_id BINARY(16) NOT NULL,
  linked_at DATETIME(6) NOT NULL,
  linked_by VARCHAR(255) NOT NULL,
  PRIMARY KEY (task_force_id, record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The visits that intake told of, so that one can be tied to a task force and is known to stand.
CREATE TABLE IF NOT EXISTS visits (
  record_id BINARY(16) NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  visited_on DATE NOT NULL,
  withdrawn TINYINT NOT NULL,
  PRIMARY KEY (record_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What is followed to the end: cases (number 0) and items of checklists; their truth is in those. is_open: followed still, and
-- neither closed nor settled. due_on as in task_force_items.
CREATE TABLE IF NOT EXISTS special_items (
  holder_id BINARY(16) NOT NULL,
  number INT NOT NULL,
  org_unit_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  follower_department_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  is_open TINYINT NOT NULL,
  counted_from DATE NOT NULL,
  working_days INT NOT NULL,
  due_on DATE NOT NULL,
  calendar_version BIGINT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (holder_id, number),
  -- Lists are read the first due first: of a department, and of all. Written with what is special alone.
  KEY by_follower (follower_department_id, is_open, due_on, holder_id, number),
  KEY by_due (is_open, due_on, holder_id, number)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
