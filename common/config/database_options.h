// The database part of a configuration as the pool takes it. common/db itself knows no configuration.
#ifndef ZHUQI_COMMON_CONFIG_DATABASE_OPTIONS_H_
#define ZHUQI_COMMON_CONFIG_DATABASE_OPTIONS_H_

#include "absl/status/statusor.h"
#include "common/db/pool.h"
#include "zhuqi/config/v1/database.pb.h"

namespace zhuqi::config {

// Applies defaults and reads the password file; fails when that can not be read (ReadSecretFile).
absl::StatusOr<db::PoolOptions> PoolOptionsFrom(const v1::DatabaseConfig& config);

}  // namespace zhuqi::config

#endif  // ZHUQI_COMMON_CONFIG_DATABASE_OPTIONS_H_
