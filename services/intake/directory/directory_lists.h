// Answers to questions about the directory. Pure.
#ifndef ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_LISTS_H_
#define ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_LISTS_H_

#include "absl/status/statusor.h"
#include "common/directory/directory.h"
#include "zhuqi/directory/v1/directory_service.pb.h"

namespace zhuqi::intake {

// Each answers out of one snapshot, which has what the request's token stands for. InvalidArgument lists what
// is wrong with the request.
absl::StatusOr<directory::v1::GetOrgUnitResponse> GetOrgUnit(const Directory& directory,
                                                             const directory::v1::GetOrgUnitRequest& request);
absl::StatusOr<directory::v1::ListOrgUnitsResponse> ListOrgUnits(
    const Directory& directory, const directory::v1::ListOrgUnitsRequest& request);
absl::StatusOr<directory::v1::ListDepartmentsResponse> ListDepartments(
    const Directory& directory, const directory::v1::ListDepartmentsRequest& request);
absl::StatusOr<directory::v1::ListTeamsResponse> ListTeams(const Directory& directory,
                                                           const directory::v1::ListTeamsRequest& request);
absl::StatusOr<directory::v1::ListPoliciesResponse> ListPolicies(
    const Directory& directory, const directory::v1::ListPoliciesRequest& request);
absl::StatusOr<directory::v1::ListCategoriesResponse> ListCategories(
    const Directory& directory, const directory::v1::ListCategoriesRequest& request);
absl::StatusOr<directory::v1::GetCalendarResponse> GetCalendar(
    const Directory& directory, const directory::v1::GetCalendarRequest& request);
absl::StatusOr<directory::v1::ListFormsResponse> ListForms(const Directory& directory,
                                                           const directory::v1::ListFormsRequest& request);
absl::StatusOr<directory::v1::ListReorganizationsResponse> ListReorganizations(
    const Directory& directory, const directory::v1::ListReorganizationsRequest& request);

}  // namespace zhuqi::intake

#endif  // ZHUQI_SERVICES_INTAKE_DIRECTORY_DIRECTORY_LISTS_H_
