#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "tools/zhuqictl/commands.h"
#include "tools/zhuqictl/exit_code.h"
#include "tools/zhuqictl/paging.h"
#include "tools/zhuqictl/text_values.h"
#include "zhuqi/directory/v1/directory_service.grpc.pb.h"

namespace zhuqi::ctl {
namespace {

using directory::v1::DirectoryService;
using directory::v1::ListDepartmentsRequest;
using directory::v1::ListDepartmentsResponse;
using directory::v1::ListOrgUnitsRequest;
using directory::v1::ListOrgUnitsResponse;

struct DirectoryOptions {
  std::string unit;
  std::string level;
  std::string function;
};

std::string CodesText(const directory::v1::OrgUnit& unit) {
  return absl::StrJoin(unit.codes(), ", ", [](std::string* out, const directory::v1::OrgUnitCode& code) {
    absl::StrAppend(out, code.code(), " (", EnumText(code.system()), code.has_valid_to() ? ", ended" : "",
                    ")");
  });
}

int Units(Client& client, const DirectoryOptions& options) {
  ListOrgUnitsRequest request;
  request.set_below(options.unit);
  const absl::Status level =
      SetEnum<directory::v1::OrgUnitLevel>(options.level, [&](auto value) { request.set_level(value); });
  if (!level.ok()) return client.FailUsage(level);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  ListOrgUnitsResponse merged;
  const absl::Status status = ReadPages<DirectoryService>(
      client, Service::kIntake, &DirectoryService::Stub::ListOrgUnits, request, PageOptions{0, true}, &merged,
      [](const ListOrgUnitsResponse& page) { return page.org_units_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"unit"}, {"name"}, {"level"}, {"above"}, {"codes"}, {"closed"}});
    for (const auto& unit : merged.org_units()) {
      table.AddRow({unit.org_unit_id(), unit.name(), EnumText(unit.level()), unit.parent_id(),
                    CodesText(unit), unit.has_closed_on() ? DateText(unit.closed_on()) : ""});
    }
    return table.ToString();
  });
  return kExitOk;
}

int Departments(Client& client, const DirectoryOptions& options) {
  ListDepartmentsRequest request;
  request.set_org_unit_id(options.unit);
  request.set_function(options.function);
  const absl::StatusOr<std::string> token = client.AtLeastToken();
  if (!token.ok()) return client.FailUsage(token.status());
  request.set_at_least_token(*token);
  ListDepartmentsResponse merged;
  const absl::Status status = ReadPages<DirectoryService>(
      client, Service::kIntake, &DirectoryService::Stub::ListDepartments, request, PageOptions{0, true},
      &merged, [](const ListDepartmentsResponse& page) { return page.departments_size(); });
  if (!status.ok()) return client.Fail(status);
  client.Show(merged, [&] {
    Table table({{"department"}, {"name"}, {"function"}, {"unit"}});
    for (const auto& d : merged.departments())
      table.AddRow({d.department_id(), d.name(), d.function(), d.org_unit_id()});
    return table.ToString();
  });
  return kExitOk;
}

}  // namespace

void AddDirectoryCommands(CLI::App& app, Client& client) {
  const auto unit_options = std::make_shared<DirectoryOptions>();
  CLI::App* units = app.add_subcommand("units", "The tree of units, with their codes");
  units->add_option("--below", unit_options->unit, "this unit and all below it");
  units->add_option("--level", unit_options->level, "city, district, township, site");
  units->callback([&client, unit_options] {
    client.action = [&client, unit_options] { return Units(client, *unit_options); };
  });
  const auto options = std::make_shared<DirectoryOptions>();
  CLI::App* departments = app.add_subcommand("departments", "Departments and their functions");
  departments->add_option("--unit", options->unit, "only those of this unit");
  departments->add_option("--function", options->function, "only those with this function");
  departments->callback(
      [&client, options] { client.action = [&client, options] { return Departments(client, *options); }; });
}

}  // namespace zhuqi::ctl
