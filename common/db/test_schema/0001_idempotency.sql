-- What common/db's own tests run against; services carry the same table in theirs.
-- least-compatible: 1
-- verify: SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'idempotency_keys'
CREATE TABLE IF NOT EXISTS idempotency_keys (
  request_id BINARY(16) NOT NULL,
  method VARCHAR(64) NOT NULL,
  body_digest BINARY(32) NOT NULL,
  response MEDIUMBLOB NOT NULL,
  recorded_at DATETIME(6) NOT NULL,
  PRIMARY KEY (request_id),
  KEY by_recorded_at (recorded_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
