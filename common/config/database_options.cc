#include "common/config/database_options.h"

#include "common/base/status_macros.h"
#include "common/config/secret_file.h"
#include "common/config/validation.h"

namespace zhuqi::config {

absl::StatusOr<db::PoolOptions> PoolOptionsFrom(const v1::DatabaseConfig& config) {
  v1::DatabaseConfig full = config;
  ApplyDefaults(&full);
  db::PoolOptions options;
  options.socket = full.socket();
  options.host = full.host();
  if (!full.host().empty()) options.port = full.port();
  options.user = full.user();
  if (!full.password_file().empty()) {
    ZHUQI_ASSIGN_OR_RETURN(options.password, ReadSecretFile(full.password_file()));
  }
  options.database = full.database();
  options.size = full.pool_size();
  options.connect_timeout = ToDuration(full.connect_timeout());
  options.read_timeout = ToDuration(full.read_timeout());
  options.checkout_timeout = ToDuration(full.checkout_timeout());
  options.tls_ca_file = full.tls_ca_file();
  options.tls_certificate_file = full.tls_certificate_file();
  options.tls_key_file = full.tls_key_file();
  return options;
}

}  // namespace zhuqi::config
