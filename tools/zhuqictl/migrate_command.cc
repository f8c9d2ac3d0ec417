#include <iostream>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/config/database_options.h"
#include "common/db/migrations.h"
#include "common/db/pool.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/schemas.h"

namespace zhuqi::ctl {
namespace {

struct MigrateOptions {
  std::vector<std::string> services;
  std::vector<std::string> configs;
  bool check = false;
};

absl::StatusOr<std::vector<const db::Schema*>> SchemasOf(const std::vector<std::string>& names) {
  std::vector<const db::Schema*> schemas;
  for (const std::string& name : names) {
    const std::size_t before = schemas.size();
    for (const db::Schema* schema : AllSchemas()) {
      if (name == "all" || name == schema->service()) schemas.push_back(schema);
    }
    if (schemas.size() == before)
      return absl::InvalidArgumentError(
          absl::StrCat("no service '", name, "': intake, routing, reporting or all"));
  }
  return schemas;
}

// One service's file, or, with "all", the file <DIRECTORY>/migrate-<service>.textproto.
std::string ConfigFor(const MigrateOptions& options, const db::Schema& schema) {
  const std::string& config = options.configs.front();
  const bool directory = CLI::detail::check_path(config.c_str()) == CLI::detail::path_type::directory;
  return directory ? absl::StrCat(config, "/migrate-", schema.service(), ".textproto") : config;
}

absl::StatusOr<int> Work(const db::Schema& schema, const std::string& file, bool check) {
  ZHUQI_ASSIGN_OR_RETURN(config::v1::DatabaseConfig config,
                         config::LoadTextproto<config::v1::DatabaseConfig>(file));
  config::ApplyDefaults(&config);
  ZHUQI_ASSIGN_OR_RETURN(db::PoolOptions options, config::PoolOptionsFrom(config));
  options.size = 1;
  // Rebuilding a large table takes as long as it takes.
  options.read_timeout = absl::InfiniteDuration();
  ZHUQI_ASSIGN_OR_RETURN(const std::unique_ptr<db::Pool> pool, db::Pool::Create(std::move(options)));
  ZHUQI_ASSIGN_OR_RETURN(const db::Lease lease, pool->Acquire(Clock::System().Now() + absl::Seconds(10)));
  if (check) {
    ZHUQI_RETURN_IF_ERROR(db::CheckSchema(*lease, schema));
  } else {
    ZHUQI_RETURN_IF_ERROR(db::Migrate(*lease, schema));
  }
  return db::AppliedVersion(*lease);
}

int RunMigrate(Client& client, const MigrateOptions& options) {
  const absl::StatusOr<std::vector<const db::Schema*>> schemas = SchemasOf(options.services);
  if (!schemas.ok()) return client.FailUsage(schemas.status());
  for (const db::Schema* schema : *schemas) {
    const absl::StatusOr<int> version = Work(*schema, ConfigFor(options, *schema), options.check);
    if (!version.ok()) {
      std::cerr << schema->service() << ": ";
      return client.Fail(version.status());
    }
    std::cout << schema->service() << ": version " << *version << " of " << schema->version() << std::endl;
  }
  return kExitOk;
}

}  // namespace

void AddMigrateCommand(CLI::App& app, Client& client) {
  const auto options = std::make_shared<MigrateOptions>();
  CLI::App* command =
      app.add_subcommand("migrate", "Bring a service's database to the version of this program");
  command->add_option("SERVICE", options->services, "intake, routing, reporting or all")->required();
  command
      ->add_option(
          "--config", options->configs,
          "a textproto of zhuqi.config.v1.DatabaseConfig whose user may change tables; or a directory with\n"
          "migrate-intake.textproto and so on, as tools/dev writes it")
      ->required()
      ->expected(1)
      ->check(CLI::ExistingPath);
  command->add_flag("--check", options->check, "only say whether this program may use the database");
  command->footer(
      "Safe to run again, and to run while services of the version before are up. Only one runs at a "
      "time.\n\n"
      "  zhuqictl migrate all --config .zhuqi/config\n"
      "  zhuqictl migrate intake --config migrate-intake.textproto --check");
  command->callback(
      [&client, options] { client.action = [&client, options] { return RunMigrate(client, *options); }; });
}

}  // namespace zhuqi::ctl
