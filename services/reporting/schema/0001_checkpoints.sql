-- least-compatible: 1
-- verify: SELECT COUNT(*) = 2 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('checkpoints', 'checkpoint_chunks')

-- The checkpoint in force: one row, replaced by compare-and-set on its version.
CREATE TABLE IF NOT EXISTS checkpoints (
  checkpoint_id INT NOT NULL,
  version BIGINT NOT NULL,
  events BIGINT NOT NULL,
  chunks INT NOT NULL,
  digest BINARY(32) NOT NULL,
  saved_at DATETIME(6) NOT NULL,
  PRIMARY KEY (checkpoint_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Its content, cut into pieces that any server takes in one packet.
CREATE TABLE IF NOT EXISTS checkpoint_chunks (
  checkpoint_id INT NOT NULL,
  version BIGINT NOT NULL,
  chunk INT NOT NULL,
  payload MEDIUMBLOB NOT NULL,
  PRIMARY KEY (checkpoint_id, version, chunk)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
