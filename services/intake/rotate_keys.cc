#include "services/intake/rotate_keys.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/base/status_macros.h"
#include "common/config/database_options.h"
#include "common/config/service_flags.h"
#include "common/db/pool.h"
#include "common/telemetry/logger.h"
#include "services/intake/contact_keys.h"
#include "services/intake/records/contact_rotation.h"
#include "zhuqi/config/v1/intake.pb.h"

namespace zhuqi::intake {
namespace {

constexpr char kCommand[] = "rotate-keys";

absl::Status Rotate(const config::v1::IntakeConfig& config, telemetry::Logger& log) {
  ZHUQI_ASSIGN_OR_RETURN(const std::optional<encryption::KeyRing> keys, ReadContactKeys(config));
  if (!keys.has_value()) return absl::FailedPreconditionError("the configuration names no contact_keys");
  ZHUQI_ASSIGN_OR_RETURN(db::PoolOptions options, config::PoolOptionsFrom(config.database()));
  options.size = 1;
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<db::Pool> pool, db::Pool::Create(std::move(options)));
  RotationObserver observer;
  observer.progress = [&](int64_t done) {
    log.Info("contacts encrypted again", {{"contacts", done}, {"key_id", keys->primary_id()}});
  };
  observer.unreadable = [&](const Uuid& record_id) {
    log.Warning("a contact does not open, and is left as it is", {{"record_id", record_id.ToString()}});
  };
  const absl::StatusOr<RotationResult> result = RotateContacts(*pool, *keys, observer);
  if (!result.ok()) return result.status();
  log.Info("every contact is under the first key",
           {{"contacts", result->rotated}, {"key_id", keys->primary_id()}});
  return absl::OkStatus();
}

}  // namespace

bool AsksToRotateKeys(int argc, const char* const* argv) {
  return argc > 1 && absl::string_view(argv[1]) == kCommand;
}

int RotateKeysMain(int argc, const char* const* argv) {
  config::v1::IntakeConfig config;
  // What follows the command is the command line that every service has.
  if (std::optional<int> code =
          config::ConfigFromCommandLine(argc - 1, argv + 1, "zhuqi-intake rotate-keys", &config)) {
    return *code;
  }
  telemetry::Logger log("intake", telemetry::ParseLogLevel("info"));
  const absl::Status status = Rotate(config, log);
  if (status.ok()) return 0;
  log.Error("contacts are left under other keys; run it again when that is mended, and it goes on",
            {{"status", status}});
  return 1;
}

}  // namespace zhuqi::intake
