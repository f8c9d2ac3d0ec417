// The directory for people: tables and descriptions. Pure.
#ifndef ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_TEXT_H_
#define ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_TEXT_H_

#include <string>

#include "google/protobuf/repeated_field.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::ctl {

using DirectoryChanges = google::protobuf::RepeatedPtrField<directory::v1::DirectoryChange>;

// "+ org_unit jinshui", "~ org_unit jinshui" with a line for each field: "    name: 金水区 → 金水新区", "-
// department …" for what ends. At most `limit` things; a line says how many more there are.
std::string DifferenceText(const DirectoryChanges& changes, int limit);

// "金水区 (jinshui), district": where it stands, its codes, names and parents that it had, what became of it,
// its departments.
std::string UnitText(const directory::v1::GetOrgUnitResponse& unit,
                     const directory::v1::ListDepartmentsResponse& departments);

std::string UnitsTable(const directory::v1::ListOrgUnitsResponse& units);
std::string DepartmentsTable(const directory::v1::ListDepartmentsResponse& departments);
std::string TeamsTable(const directory::v1::ListTeamsResponse& teams);
std::string PoliciesTable(const directory::v1::ListPoliciesResponse& policies);
std::string CategoriesTable(const directory::v1::ListCategoriesResponse& categories);
std::string FormsTable(const directory::v1::ListFormsResponse& forms);
// The days of one year; of all years when `year` is 0.
std::string CalendarText(const directory::v1::GetCalendarResponse& calendar, int year);
// One line for each reorganization and one for each of its operations.
std::string ReorganizationsText(const directory::v1::ListReorganizationsResponse& reorganizations);

}  // namespace zhuqi::ctl

#endif  // ZHUQI_TOOLS_ZHUQICTL_DIRECTORY_TEXT_H_
